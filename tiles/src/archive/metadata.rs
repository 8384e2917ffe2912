//! What an archive says of itself: the same in both kinds, each in its own form.

use std::ops::RangeInclusive;

use gis_data::{Bbox, WorldBox};
use serde_json::{Value as Json, json};

use crate::Source;
use crate::tilejson::vector_layer;

/// What whoever exports has to say of the data.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// What the archive is called.
    pub name: &'a str,
    /// What must be said about the data wherever they are shown.
    pub notice: Option<&'a str>,
    /// When the data were read, in the form of RFC 3339.
    pub data_at: &'a str,
}

pub(super) struct Metadata {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) attribution: String,
    pub(super) data_at: String,
    pub(super) bounds: Bbox,
    pub(super) zooms: RangeInclusive<u8>,
    /// Longitude, latitude and the zoom at which the box fits on a tile.
    pub(super) center: (f64, f64, u8),
    pub(super) vector_layers: Vec<Json>,
}

impl Metadata {
    pub(super) fn of(
        sources: &[&dyn Source],
        about: &About<'_>,
        area: WorldBox,
        zooms: RangeInclusive<u8>,
    ) -> Self {
        let middle = area.middle().to_lonlat();
        let side = (area.max.x - area.min.x).max(area.max.y - area.min.y);
        let fitting = u8::try_from(side.leading_zeros()).unwrap_or(0);
        let titles: Vec<&str> = sources.iter().map(|s| s.layer().title.zh.as_str()).collect();
        Self {
            name: about.name.to_owned(),
            description: titles.join("、"),
            attribution: about.notice.unwrap_or_default().to_owned(),
            data_at: about.data_at.to_owned(),
            bounds: area.to_bbox(),
            center: (middle.lon(), middle.lat(), fitting.clamp(*zooms.start(), *zooms.end())),
            zooms,
            vector_layers: sources.iter().map(|s| vector_layer(s.layer())).collect(),
        }
    }

    /// As PMTiles has it, beside what stands in the header.
    pub(super) fn to_json(&self) -> Json {
        json!({
            "name": self.name,
            "description": self.description,
            "attribution": self.attribution,
            "type": "overlay",
            "data_at": self.data_at,
            "vector_layers": self.vector_layers,
        })
    }

    /// The rows of MBTiles 1.3.
    pub(super) fn rows(&self) -> Vec<(&'static str, String)> {
        let [west, south, east, north] = self.bounds.to_array();
        let (lon, lat, zoom) = self.center;
        vec![
            ("name", self.name.clone()),
            ("format", "pbf".to_owned()),
            ("bounds", format!("{west},{south},{east},{north}")),
            ("center", format!("{lon},{lat},{zoom}")),
            ("minzoom", self.zooms.start().to_string()),
            ("maxzoom", self.zooms.end().to_string()),
            ("attribution", self.attribution.clone()),
            ("description", self.description.clone()),
            ("type", "overlay".to_owned()),
            ("data_at", self.data_at.clone()),
            ("json", json!({ "vector_layers": self.vector_layers }).to_string()),
        ]
    }
}
