//! A style is read by MapLibre; what can be known here is that it is whole.

use std::collections::BTreeSet;

use super::*;

fn light(layers: &[Layer]) -> Json {
    let layers: Vec<&Layer> = layers.iter().collect();
    let fonts = json!({ "Noto Sans SC": [{ "url": "/fonts/a.woff2" }] });
    let notice = Text2::new("示例数据（虚构）", "Sample data (fictional)");
    style(Theme::Light, Lang::Zh, &layers, "http://host", &fonts, Some(&notice))
}

fn layers() -> Vec<Layer> {
    gis_data::layer::standard_layers()
}

#[test]
fn every_layer_has_a_source_of_its_name_and_its_zooms() {
    let style = light(&layers());
    for layer in layers() {
        let source = &style["sources"][&layer.layer_id];
        let url = format!("http://host/tiles/{}/{{z}}/{{x}}/{{y}}", layer.layer_id);
        assert_eq!(source["tiles"], json!([url]));
        assert_eq!(source["minzoom"], layer.min_zoom);
        assert_eq!(source["maxzoom"], layer.max_zoom);
    }
}

#[test]
fn style_layers_have_distinct_names_and_say_what_they_draw() {
    for theme in [Theme::Light, Theme::Dark, Theme::Wall] {
        let all = layers();
        let style = style(theme, Lang::En, &all.iter().collect::<Vec<_>>(), "", &json!({}), None);
        let drawn = style["layers"].as_array().unwrap();
        let ids: BTreeSet<&str> = drawn.iter().map(|l| l["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), drawn.len());
        for layer in &drawn[1..] {
            assert_eq!(layer["metadata"]["onemap:layer"], layer["source"]);
            let part = layer["metadata"]["onemap:part"].as_str().unwrap();
            assert_eq!(layer["id"], format!("{}-{part}", layer["source"].as_str().unwrap()));
        }
    }
}

#[test]
fn lettering_lies_above_everything_else() {
    let style = light(&layers());
    let kinds: Vec<&str> =
        style["layers"].as_array().unwrap().iter().map(|l| l["type"].as_str().unwrap()).collect();
    let first = kinds.iter().position(|k| *k == "symbol").unwrap();
    assert!(kinds[first..].iter().all(|k| *k == "symbol"), "{kinds:?}");
}

#[test]
fn floors_and_rooms_show_the_open_floor_alone() {
    let style = light(&layers());
    for layer in style["layers"].as_array().unwrap() {
        if matches!(layer["source"].as_str(), Some("floors" | "rooms")) {
            let filter = layer["filter"].to_string();
            assert!(filter.contains("global-state"), "{}", layer["id"]);
        }
    }
    assert_eq!(style["state"]["om_building"], json!({ "default": -1 }));
    assert_eq!(style["state"]["om_ordinal"], json!({ "default": 0 }));
}

#[test]
fn the_attributes_that_a_style_reads_are_in_the_catalogue() {
    let style = light(&layers());
    for layer in layers() {
        let mut read = BTreeSet::new();
        for drawn in style["layers"].as_array().unwrap() {
            if drawn["source"] == json!(layer.layer_id) {
                attributes_read(drawn, &mut read);
            }
        }
        let mut known: BTreeSet<String> =
            layer.attributes.iter().map(|a| a.name.clone()).collect();
        if layer.clustered_below() > 0 {
            known.insert(crate::POINT_COUNT.to_owned());
        }
        assert!(read.is_subset(&known), "{}: {read:?}", layer.layer_id);
    }
}

fn attributes_read(json: &Json, read: &mut BTreeSet<String>) {
    match json {
        Json::Array(items) => {
            if let [Json::String(op), Json::String(name)] = &items[..]
                && op == "get"
            {
                read.insert(name.clone());
            }
            for item in items {
                attributes_read(item, read);
            }
        }
        Json::Object(members) => members.values().for_each(|item| attributes_read(item, read)),
        _ => {}
    }
}

#[test]
fn vehicles_have_a_legend_and_no_style_layer() {
    let mut all = layers();
    all.push(Layer {
        layer_id: "vehicles".to_owned(),
        geometry: GeometryType::Point,
        ..all[0].clone()
    });
    let style = light(&all);
    assert!(style["layers"].as_array().unwrap().iter().all(|l| l["source"] != "vehicles"));
    assert_eq!(style["metadata"]["onemap:legend"]["vehicles"].as_array().unwrap().len(), 4);
}

#[test]
fn a_layer_that_someone_else_published_is_drawn_in_its_own_colour() {
    let own = Layer {
        layer_id: "idle_rooms".to_owned(),
        style: json!({ "color": "#123456" }),
        ..layers().pop().unwrap()
    };
    let style = light(std::slice::from_ref(&own));
    assert_eq!(style["layers"][1]["id"], "idle_rooms-circle");
    assert_eq!(style["layers"][1]["paint"]["circle-color"], "#123456");
    assert_eq!(legend(&own, Theme::Dark)[0].color, "#123456");
}

#[test]
fn fonts_and_the_notice_are_handed_through() {
    let style = light(&layers());
    assert_eq!(style["font-faces"]["Noto Sans SC"][0]["url"], "/fonts/a.woff2");
    assert_eq!(style["metadata"]["onemap:notice"]["zh"], "示例数据（虚构）");
    assert_eq!(style["metadata"]["onemap:theme"], "light");
}
