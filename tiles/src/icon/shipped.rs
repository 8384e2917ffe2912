//! The icons that come with the product, drawn for it: one file each in `icons/`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use gis_data::Text2;

use super::{Drawing, Icon, IconName, Origin};

/// Name, what people call it, and the drawing.
macro_rules! shipped {
    ($($name:literal $zh:literal $en:literal)+) => {
        &[$(($name, $zh, $en, include_str!(concat!("../../icons/", $name, ".svg")))),+]
    };
}

const SHIPPED: &[(&str, &str, &str, &str)] = shipped! {
    "bank" "银行" "Bank"
    "bus-stop" "公交站" "Bus stop"
    "camera" "摄像机" "Camera"
    "canteen" "食堂" "Canteen"
    "car-park" "停车场" "Car park"
    "charger" "充电桩" "Charger"
    "conference" "会议中心" "Conference centre"
    "drinking-water" "饮水点" "Drinking water"
    "emergency-store" "应急物资点" "Emergency store"
    "fire-hydrant" "消火栓" "Fire hydrant"
    "fire-station" "消防站" "Fire station"
    "flag" "旗帜" "Flag"
    "fuel" "加油站" "Filling station"
    "gate" "门岗" "Gate"
    "hospital" "医院" "Hospital"
    "info" "信息" "Information"
    "library" "图书馆" "Library"
    "pharmacy" "药店" "Pharmacy"
    "place" "地点" "Place"
    "police" "派出所" "Police"
    "post-office" "邮局" "Post office"
    "power" "配电房" "Power room"
    "repair" "维修" "Repair"
    "restaurant" "餐饮" "Restaurant"
    "school" "学校" "School"
    "sports" "文体中心" "Sports centre"
    "star" "星标" "Star"
    "toilets" "公共厕所" "Toilets"
    "townhall" "政务服务点" "Public services"
    "warning" "警示" "Warning"
    "waste" "垃圾收集点" "Waste"
};

/// All of them.
pub(super) fn shipped() -> &'static BTreeMap<IconName, Icon> {
    static ALL: LazyLock<BTreeMap<IconName, Icon>> = LazyLock::new(|| {
        let one = |(name, zh, en, svg): &(&str, &str, &str, &str)| {
            let name = IconName::new_checked(name).expect("the product's names are names");
            let drawing = Drawing::new_checked(svg.as_bytes())
                .expect("the product's icons are icons, which a test asks of each");
            (name, Icon { title: Some(Text2::new(zh, en)), origin: Origin::Shipped, drawing })
        };
        SHIPPED.iter().map(one).collect()
    });
    &ALL
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::*;

    #[test]
    fn each_file_in_the_folder_is_an_icon_and_each_icon_a_file() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/icons");
        let files: BTreeSet<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let named: BTreeSet<String> =
            SHIPPED.iter().map(|icon| format!("{}.svg", icon.0)).collect();
        assert_eq!(files, named);
        for (name, _, _, svg) in SHIPPED {
            assert_eq!(Drawing::new_checked(svg.as_bytes()).err(), None, "{name}");
        }
        assert_eq!(shipped().len(), SHIPPED.len());
    }
}
