//! Fictional Chinese names: every pool is drawn from without repetition.

use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::city::RoadClass;

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

const FIRST: &str = "云溪锦澜岚霖禾汀兰枫柏松竹梅荷桂棠梧桐樱杏柳桃榆槐芦萍苇鹭鹤雁莺燕鹿泉涧潭渚浦湄汐澄清碧翠青丹朱素银金玉珠瑶琼璞晨曦暮朝星月霁晴虹霞雪露";
const SECOND: &str = "安宁和平康泰祥瑞丰裕兴盛昌明华章文景行知远达通顺德善信义礼仁怀思望归来月山岭坡桥湾堤滩洲渡亭台阁苑园林泉石影声香色光风雨";
const VILLAGE_TAIL: &str = "村庄屯寨沟坪湾岭坝塬";

/// Draws names for streets, estates, schools and villages.
#[derive(Debug)]
pub(super) struct Names {
    pairs: Vec<String>,
}

impl Names {
    pub(super) fn new(rng: &mut ChaCha8Rng) -> Self {
        let mut pairs: Vec<String> = FIRST
            .chars()
            .flat_map(|a| SECOND.chars().filter(move |&b| b != a).map(move |b| format!("{a}{b}")))
            .collect();
        pairs.shuffle(rng);
        Self { pairs }
    }

    /// Two characters not used before; once they are all used, three.
    pub(super) fn pair(&mut self) -> String {
        self.pairs.pop().unwrap_or_else(|| format!("{CITY}外"))
    }

    pub(super) fn village(&mut self, rng: &mut ChaCha8Rng) -> String {
        let tails: Vec<char> = VILLAGE_TAIL.chars().collect();
        format!("{}{}", self.pair(), tails[rng.random_range(0..tails.len())])
    }

    /// A street name; streets that run east to west take 街, the others 路.
    pub(super) fn street(
        &mut self,
        class: RoadClass,
        along: super::shape::Pt,
        old_town: bool,
    ) -> String {
        let pair = self.pair();
        let eastward = along.x.abs() > along.y.abs();
        let tail = match class {
            RoadClass::Motorway | RoadClass::Trunk => "快速路",
            RoadClass::Primary => "大道",
            RoadClass::Secondary | RoadClass::Tertiary => {
                if eastward {
                    "街"
                } else {
                    "路"
                }
            }
            RoadClass::Residential if old_town => {
                if eastward {
                    "巷"
                } else {
                    "里"
                }
            }
            RoadClass::Residential => {
                if eastward {
                    "街"
                } else {
                    "路"
                }
            }
        };
        format!("{pair}{tail}")
    }
}
