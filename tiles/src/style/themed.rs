//! Thematic layers 专题图: places coloured by the classes that their definition lists, or by colours of their own.

use gis_data::{Layer, Text2};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::expression::{by_state, on_open_floor};
use super::legend::{LegendItem, shape_of};
use super::palette::Theme;
use super::{Drawn, is_point, part, pictogram, plain};
use crate::Icons;

/// A class as `layer.style` has it.
#[derive(Deserialize)]
struct Class {
    value: String,
    title: Text2,
    light: String,
    dark: String,
    #[serde(default)]
    own_color: bool,
    icon: Option<String>,
}

impl Class {
    fn color(&self, theme: Theme) -> &str {
        if matches!(theme, Theme::Light) { &self.light } else { &self.dark }
    }
}

/// Whether a layer is coloured by classes of its own.
pub(super) fn is_themed(layer: &Layer) -> bool {
    layer.style["classes"].is_array()
}

fn classes(layer: &Layer) -> Vec<Class> {
    serde_json::from_value(layer.style["classes"].clone()).unwrap_or_default()
}

pub(super) fn layer(layer: &Layer, theme: Theme, icons: &Icons) -> Drawn {
    let p = theme.palette();
    let classes = classes(layer);
    let mut matched = vec![json!("match"), json!(["coalesce", ["get", "class"], ""])];
    for class in &classes {
        matched.push(json!(class.value));
        let color = class.color(theme);
        matched.push(if class.own_color { own_color(theme, color) } else { json!(color) });
    }
    // A match needs a class; a layer without any is drawn in the accent.
    matched.push(json!(p.accent));
    let color = if matched.len() > 3 { Json::Array(matched) } else { json!(p.accent) };
    let pictured = classes.iter().filter_map(|c| Some((c.value.as_str(), c.icon.as_deref()?)));
    let image = pictogram::by_class(pictured, pictogram::own(layer), icons);
    if is_point(layer) {
        return Drawn { body: plain::points(layer, theme, &color, &image), labels: Vec::new() };
    }
    let is_inside = layer.attributes.iter().any(|a| a.name == "building_id");
    let mut fill = json!({
        "paint": { "fill-color": color, "fill-opacity": by_state(&json!(1.0), &json!(1.0), &json!(0.9)) },
    });
    let mut line = json!({
        "paint": {
            "line-color": by_state(&json!(p.accent), &json!(p.accent), &json!(p.wall)),
            "line-width": by_state(&json!(2.6), &json!(1.8), &json!(0.8)),
        },
    });
    if is_inside {
        fill["filter"] = on_open_floor();
        line["filter"] = on_open_floor();
    }
    let is_pictured = !pictogram::is_nothing(&image);
    Drawn {
        body: vec![part(layer, "fill", "fill", fill), part(layer, "line", "line", line)],
        labels: is_pictured
            .then(|| pictogram::alone(layer, theme, &image, &json!(p.text)))
            .into_iter()
            .collect(),
    }
}

/// The place's colour, or another where it has none. Organisations choose theirs for paper and daylight: in the dark they
/// are mixed with the ground.
fn own_color(theme: Theme, other: &str) -> Json {
    let own = json!(["to-color", ["get", "color"], other]);
    match theme {
        Theme::Light => own,
        _ => json!(["interpolate-lab", ["linear"], 0.45, 0, own, 1, theme.palette().ground]),
    }
}

pub(super) fn legend(layer: &Layer, theme: Theme, icons: &Icons) -> Vec<LegendItem> {
    let shown = |class: Class| {
        let item = LegendItem {
            color: class.color(theme).to_owned(),
            title: class.title,
            shape: shape_of(layer),
            icon: None,
        };
        item.pictured(class.icon.as_deref().or(pictogram::own(layer)), icons)
    };
    classes(layer).into_iter().map(shown).collect()
}
