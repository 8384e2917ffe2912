//! The organisation tree: the city, its bureaus and counties, and their bureaus and stations.

use super::city::Org;
use super::name::{CITY, CITY_CODE, COUNTIES};

/// The units with the indexes that later steps ask for.
#[derive(Debug)]
pub(super) struct OrgTree {
    pub(super) orgs: Vec<Org>,
    /// The city's bureaus on level 2; the first is the one for office affairs.
    pub(super) bureaus: Vec<usize>,
    pub(super) stations: Vec<usize>,
    pub(super) counties: Vec<County>,
}

/// A district's or county's government and its bureaus, in the order of [`LOCAL`].
#[derive(Debug)]
pub(super) struct County {
    pub(super) government: usize,
    pub(super) bureaus: Vec<usize>,
}

const BUREAUS: [(&str, &[&str]); 20] = [
    ("机关事务管理局", &["公务用车服务中心", "机关后勤服务中心"]),
    ("发展和改革委员会", &[]),
    ("教育局", &["教育考试中心"]),
    ("公安局", &["交通警察支队"]),
    ("民政局", &["救助管理站"]),
    ("财政局", &["国库支付中心"]),
    ("人力资源和社会保障局", &["就业服务中心"]),
    ("自然资源局", &["不动产登记中心"]),
    ("住房和城乡建设局", &["住房保障中心"]),
    ("交通运输局", &["公路养护中心"]),
    ("水务局", &["河道管理站"]),
    ("农业农村局", &["农技推广站"]),
    ("商务局", &[]),
    ("文化和旅游局", &["图书馆", "博物馆"]),
    ("卫生健康委员会", &["疾病预防控制中心"]),
    ("应急管理局", &["应急指挥中心"]),
    ("市场监督管理局", &["检验检测中心"]),
    ("统计局", &["普查中心"]),
    ("城市管理局", &["综合执法支队"]),
    ("政务服务和数据管理局", &["政务服务中心"]),
];

/// The bureaus that every county has.
pub(super) const LOCAL: [&str; 12] = [
    "机关事务服务中心",
    "财政局",
    "教育局",
    "公安局",
    "民政局",
    "自然资源局",
    "住房和城乡建设局",
    "农业农村局",
    "商务局",
    "工业和信息化局",
    "卫生健康局",
    "文化和旅游局",
];

impl OrgTree {
    pub(super) fn new() -> Self {
        let mut tree = Self {
            orgs: Vec::new(),
            bureaus: Vec::new(),
            stations: Vec::new(),
            counties: Vec::new(),
        };
        let root = tree.add("U01".to_owned(), format!("{CITY}人民政府"), None, CITY_CODE);
        for (i, (bureau, stations)) in BUREAUS.iter().enumerate() {
            let code = format!("U01{:02}", i + 1);
            let id = tree.add(code.clone(), format!("{CITY}{bureau}"), Some(root), CITY_CODE);
            tree.bureaus.push(id);
            for (j, station) in stations.iter().enumerate() {
                let code = format!("{code}{:02}", j + 1);
                let station = tree.add(code, format!("{CITY}{station}"), Some(id), CITY_CODE);
                tree.stations.push(station);
            }
        }
        for (i, (region, name, _)) in COUNTIES.iter().enumerate() {
            let code = format!("U01{:02}", i + 51);
            let government = tree.add(code.clone(), format!("{name}人民政府"), Some(root), region);
            let bureaus = LOCAL
                .iter()
                .enumerate()
                .map(|(j, bureau)| {
                    let code = format!("{code}{:02}", j + 1);
                    tree.add(code, format!("{name}{bureau}"), Some(government), region)
                })
                .collect();
            tree.counties.push(County { government, bureaus });
        }
        tree
    }

    /// The county's bureau that answers for ordinary buildings of a use.
    pub(super) fn answering_for(&self, county: usize, use_kind: &str) -> usize {
        let bureau = match use_kind {
            "办公" => 0,
            "教育" => 2,
            "农房" => 7,
            "商业" => 8,
            "工业" | "仓储" => 9,
            "医疗" => 10,
            "文体" => 11,
            _ => 6,
        };
        self.counties[county].bureaus[bureau]
    }

    fn add(&mut self, code: String, name: String, parent: Option<usize>, region: &str) -> usize {
        let level = parent.map_or(1, |parent| self.orgs[parent].level + 1);
        self.orgs.push(Org { code, name, parent, level, region_code: region.to_owned() });
        self.orgs.len() - 1
    }
}
