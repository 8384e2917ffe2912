//! Fictional Chinese names: every pool is drawn from without repetition.

use rand::Rng as _;
use rand::seq::SliceRandom as _;
use rand_chacha::ChaCha8Rng;

use super::city::RoadClass;
use super::shape::Pt;

pub(super) const CITY: &str = "云澜市";
pub(super) const CITY_CODE: &str = "990100";
/// Code, name and the name without its rank, in the order of [`super::terrain::Terrain::county`].
pub(super) const COUNTIES: [(&str, &str, &str); 5] = [
    ("990102", "汀兰区", "汀兰"),
    ("990103", "望岚区", "望岚"),
    ("990104", "锦屿区", "锦屿"),
    ("990121", "溪禾县", "溪禾"),
    ("990122", "栖霖县", "栖霖"),
];

const FIRST: &str = "云溪锦澜岚霖禾汀兰枫柏松竹梅荷桂棠梧桐樱杏柳桃榆槐芦萍苇鹭鹤雁莺燕鹿泉涧潭渚浦湄汐澄清碧翠青丹朱素银金玉珠瑶琼璞晨曦暮朝星月霁晴虹霞雪露永嘉静雅秀福禄慧颐芳馨润沐映望听吟";
const SECOND: &str = "安宁和平康泰祥瑞丰裕兴盛昌明华章文景行知远达通顺德善信义礼仁怀思望归来月山岭坡桥湾堤滩洲渡亭台阁苑园林泉石影声香色光风雨春秋晓岸峰谷原野田畔渠池苇舟帆鸣";
const VILLAGE_TAIL: &str = "村庄屯寨沟坪湾岭坝塬";

/// Draws names for streets, estates, schools and villages.
#[derive(Debug)]
pub(super) struct Names {
    pairs: Vec<String>,
    drawn: usize,
}

impl Names {
    pub(super) fn new(rng: &mut ChaCha8Rng) -> Self {
        let mut pairs: Vec<String> = FIRST
            .chars()
            .flat_map(|a| SECOND.chars().filter(move |&b| b != a).map(move |b| format!("{a}{b}")))
            .collect();
        pairs.shuffle(rng);
        Self { pairs, drawn: 0 }
    }

    /// A name not used before: two characters, and once those are all taken, three.
    pub(super) fn pair(&mut self) -> String {
        const ROUNDS: [&str; 10] = ["", "东", "西", "南", "北", "新", "前", "后", "上", "下"];
        let (round, index) = (self.drawn / self.pairs.len(), self.drawn % self.pairs.len());
        self.drawn += 1;
        format!("{}{}", ROUNDS[round % ROUNDS.len()], self.pairs[index])
    }

    pub(super) fn village(&mut self, rng: &mut ChaCha8Rng) -> String {
        let tails: Vec<char> = VILLAGE_TAIL.chars().collect();
        format!("{}{}", self.pair(), tails[rng.random_range(0..tails.len())])
    }

    /// A street name; streets that run east to west take 街, the others 路.
    pub(super) fn street(&mut self, class: RoadClass, along: Pt, old_town: bool) -> String {
        let pair = self.pair();
        let eastward = along.x.abs() > along.y.abs();
        let tail = match (class, eastward) {
            (RoadClass::Motorway | RoadClass::Trunk, _) => "快速路",
            (RoadClass::Primary, _) => "大道",
            (RoadClass::Residential, true) if old_town => "巷",
            (RoadClass::Residential, false) if old_town => "里",
            (_, true) => "街",
            (_, false) => "路",
        };
        format!("{pair}{tail}")
    }
}
