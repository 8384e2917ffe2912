//! The colours of the map in three themes: neutral greys, one accent, colour otherwise only for data.
//! Data colours are told apart by lightness as well as hue (after Okabe and Ito), so that they survive
//! colour blindness and projectors.

/// Which theme a style is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Theme {
    /// A desk by day.
    Light,
    /// A desk by night.
    Dark,
    /// The big screen: dark, with larger and brighter lettering.
    Wall,
}

impl Theme {
    /// By the name in URLs.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "light" => Some(Self::Light),
            "dark" => Some(Self::Dark),
            "wall" => Some(Self::Wall),
            _ => None,
        }
    }

    /// The name in URLs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Wall => "wall",
        }
    }

    pub(super) fn palette(self) -> &'static Palette {
        match self {
            Self::Light => &LIGHT,
            Self::Dark => &DARK,
            Self::Wall => &WALL,
        }
    }

    /// The colour of a class, light or dark.
    pub(super) fn pick(self, pair: Pair) -> &'static str {
        if self == Self::Light { pair.0 } else { pair.1 }
    }
}

/// A colour on light ground and the same on dark ground.
#[derive(Clone, Copy)]
pub(super) struct Pair(pub(super) &'static str, pub(super) &'static str);

/// The colours that are not data.
pub(super) struct Palette {
    pub(super) ground: &'static str,
    pub(super) water: &'static str,
    pub(super) water_text: &'static str,
    pub(super) green: &'static str,
    pub(super) field: &'static str,
    pub(super) road_case: &'static str,
    pub(super) road_minor: &'static str,
    pub(super) road_major: &'static str,
    pub(super) road_motorway: &'static str,
    pub(super) building: &'static str,
    pub(super) building_line: &'static str,
    pub(super) room: &'static str,
    pub(super) floor: &'static str,
    pub(super) wall: &'static str,
    pub(super) text: &'static str,
    pub(super) text_soft: &'static str,
    pub(super) halo: &'static str,
    /// Lettering on the pale colours of organisations: dark in every theme.
    pub(super) room_text: &'static str,
    pub(super) room_halo: &'static str,
    pub(super) accent: &'static str,
    pub(super) parcel_line: &'static str,
    /// Factor on lettering.
    pub(super) text_scale: f64,
}

const LIGHT: Palette = Palette {
    ground: "#f3f4f4",
    water: "#c9dbe6",
    water_text: "#4c7188",
    green: "#dde8d8",
    field: "#ebeee2",
    road_case: "#d5d8da",
    road_minor: "#ffffff",
    road_major: "#ffffff",
    road_motorway: "#f3e6c8",
    building: "#dcdddd",
    building_line: "#bfc2c4",
    room: "#d5d9dd",
    floor: "#fafafa",
    wall: "#5d666e",
    text: "#2c343b",
    text_soft: "#5a646d",
    halo: "#ffffff",
    room_text: "#1c2126",
    room_halo: "#ffffff",
    accent: "#1f5fbf",
    parcel_line: "#8a7f9c",
    text_scale: 1.0,
};

const DARK: Palette = Palette {
    ground: "#15191d",
    water: "#1b2f3d",
    water_text: "#7fa5bd",
    green: "#1b2620",
    field: "#1b201d",
    road_case: "#101316",
    road_minor: "#2b3137",
    road_major: "#3a424a",
    road_motorway: "#5a5138",
    building: "#2a3036",
    building_line: "#434b53",
    room: "#8d969e",
    floor: "#20262b",
    wall: "#c3cad1",
    text: "#dfe4e8",
    text_soft: "#a3adb6",
    halo: "#12161a",
    room_text: "#14181c",
    room_halo: "#eef1f3",
    accent: "#7db0ff",
    parcel_line: "#8d83a6",
    text_scale: 1.0,
};

const WALL: Palette = Palette {
    ground: "#0e1317",
    water: "#15303f",
    road_minor: "#2a323a",
    road_major: "#48535d",
    road_motorway: "#6d6140",
    building: "#2b343c",
    building_line: "#4b5660",
    text: "#f2f5f7",
    text_soft: "#bcc6cf",
    halo: "#0b0f12",
    text_scale: 1.25,
    ..DARK
};
