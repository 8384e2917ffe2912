//! A style is read by MapLibre; what can be known here is that it is whole.

use std::collections::BTreeSet;

use super::*;

fn light(layers: &[Layer]) -> Json {
    let layers: Vec<&Layer> = layers.iter().collect();
    let fonts = json!({ "Noto Sans SC": [{ "url": "/fonts/a.woff2" }] });
    let notice = Text2::new("示例数据（虚构）", "Sample data (fictional)");
    style(Theme::Light, Lang::Zh, &layers, &Icons::shipped(), "http://host", &fonts, Some(&notice))
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
        let drawn: Vec<&Layer> = all.iter().collect();
        let style = style(theme, Lang::En, &drawn, &Icons::shipped(), "", &json!({}), None);
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
    let drawn = style["layers"].as_array().unwrap();
    let first = drawn.iter().position(|l| !l["layout"]["text-field"].is_null()).unwrap();
    let below: Vec<&Json> = drawn[first..].iter().filter(|l| l["type"] != "symbol").collect();
    assert!(below.is_empty(), "{below:?}");
}

#[test]
fn each_class_of_facility_has_a_pictogram_on_its_disc_and_in_the_legend() {
    let style = light(&layers());
    let drawn = style["layers"].as_array().unwrap();
    let disc = drawn.iter().position(|l| l["id"] == "facilities-circle").unwrap();
    assert_eq!(drawn[disc + 1]["id"], "facilities-icon", "right above it");
    let image = drawn[disc + 1]["layout"]["icon-image"].as_array().unwrap();
    let icons = Icons::shipped();
    let entries = style["metadata"]["onemap:legend"]["facilities"].as_array().unwrap();
    let (several, classes) = entries.split_last().unwrap();
    assert!(several["icon"].is_null(), "several together have none: {several}");
    for entry in classes {
        let name = entry["icon"]["name"].as_str().unwrap();
        assert!(image.contains(&json!(name)), "{name} is not in {image:?}");
        assert_eq!(entry["icon"]["href"], json!(icons.href(name).unwrap()));
    }
    let named = image.iter().skip(3).step_by(2).chain(image.last());
    for name in named.map(|name| name.as_str().unwrap()) {
        assert!(icons.get(name).is_some(), "no icon is named {name}");
    }
    let values: Vec<&Json> = image[2..image.len() - 1].iter().step_by(2).collect();
    assert_eq!(values.len(), 24, "every class that an import knows");
}

#[test]
fn the_sprite_has_another_address_when_an_icon_changes() {
    let facilities = layers().pop().unwrap();
    let dot = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="2"/></svg>"#;
    let own = (
        crate::IconName::new_checked("canteen").unwrap(),
        crate::Drawing::new_checked(dot.as_bytes()).unwrap(),
    );
    let [before, after] = [Icons::shipped(), Icons::with([own])].map(|icons| {
        style(Theme::Dark, Lang::Zh, &[&facilities], &icons, "http://host", &json!({}), None)
    });
    assert!(before["sprite"].as_str().unwrap().starts_with("http://host/sprites/icons?v="));
    assert_ne!(before["sprite"], after["sprite"]);
    assert_eq!(before["layers"], after["layers"], "the icon keeps its name");
    let legend = |style: &Json| style["metadata"]["onemap:legend"]["facilities"].clone();
    assert_ne!(legend(&before)[0]["icon"]["href"], legend(&after)[0]["icon"]["href"]);
    assert_eq!(legend(&before)[1], legend(&after)[1]);
}

#[test]
fn any_layer_may_ask_for_an_icon() {
    let asking = |geometry, style: Json| Layer {
        layer_id: "own".to_owned(),
        geometry,
        style,
        ..layers().pop().unwrap()
    };
    let icon_of = |layer: &Layer| {
        let style = light(std::slice::from_ref(layer));
        let drawn = style["layers"].as_array().unwrap();
        drawn.iter().find(|l| l["id"] == "own-icon").map(|l| l["layout"]["icon-image"].clone())
    };
    for geometry in [GeometryType::Point, GeometryType::Line, GeometryType::Polygon] {
        let flag = asking(geometry, json!({ "icon": "flag", "color": "#123456" }));
        assert_eq!(icon_of(&flag), Some(json!("flag")), "{geometry:?}");
        let entry = legend(&flag, Theme::Dark, &Icons::shipped()).remove(0);
        assert_eq!(entry.icon.unwrap().name, "flag");
        let none = asking(geometry, json!({ "icon": "no-such-icon" }));
        assert_eq!(icon_of(&none), None, "what is not there is not drawn");
        assert_eq!(legend(&none, Theme::Dark, &Icons::shipped())[0].icon, None);
        let class = |value: &str, icon: Json| {
            json!({ "value": value, "title": { "zh": "甲", "en": "A" }, "light": "#111111",
                "dark": "#eeeeee", "icon": icon })
        };
        let classes = json!({ "classes": [class("a", json!("star")), class("b", Json::Null)] });
        let by_class = asking(geometry, classes);
        let expected = json!(["match", ["coalesce", ["get", "class"], ""], "a", "star", ""]);
        assert_eq!(icon_of(&by_class), Some(expected), "{geometry:?}");
        let entries = legend(&by_class, Theme::Light, &Icons::shipped());
        assert_eq!(entries[0].icon.as_ref().map(|icon| icon.name.as_str()), Some("star"));
        assert_eq!(entries[1].icon, None);
    }
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
        let mut known: BTreeSet<String> = layer.attributes.iter().map(|a| a.name.clone()).collect();
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
    assert_eq!(legend(&own, Theme::Dark, &Icons::shipped())[0].color, "#123456");
}

#[test]
fn fonts_and_the_notice_are_handed_through() {
    let style = light(&layers());
    assert_eq!(style["font-faces"]["Noto Sans SC"][0]["url"], "/fonts/a.woff2");
    assert_eq!(style["metadata"]["onemap:notice"]["zh"], "示例数据（虚构）");
    assert_eq!(style["metadata"]["onemap:theme"], "light");
}
