//! Icons 图标: pictograms of one colour, which a style paints as it needs them. Those of the product are embedded; an
//! administrator's own stand beside them or in their place. All of them become one sprite.

mod fault;
mod judge;
mod sheet;
mod shipped;

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

use gis_data::Text2;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

pub use fault::IconFault;
pub use judge::ICON_MOST_BYTES;
pub use sheet::{Ratio, SpriteError, SpriteSheet};

/// Width and height of every icon in pixels of CSS, whatever its file says.
pub const ICON_PX: u16 = 20;
/// Of a name.
const NAME_CHARS: usize = 40;
/// Where a server answers with one icon, and where with their sprite.
const ICON_PATH: &str = "/api/v1/icons";
const SPRITE_PATH: &str = "/sprites/icons";

/// The name of an icon: small letters, digits and dashes, a letter first, 40 of them at most.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IconName(String);

impl IconName {
    /// `None` for what is no name.
    pub fn new_checked(name: &str) -> Option<Self> {
        let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
        (begins && name.len() <= NAME_CHARS && name.bytes().all(is_plain))
            .then(|| Self(name.to_owned()))
    }

    /// As it stands in URLs and styles.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Display for IconName {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An SVG that was judged and found to be an icon: paths alone, fitted into a square of [`ICON_PX`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    svg: Arc<str>,
    digest: u64,
}

impl Drawing {
    /// Judges an SVG. Everything that is wrong with it is said at once.
    pub fn new_checked(svg: &[u8]) -> Result<Self, Vec<IconFault>> {
        let fitted = judge::judged(svg)?;
        Ok(Self { digest: xxh3_64(fitted.as_bytes()), svg: fitted.into() })
    }

    /// The SVG as browsers get it. It is written anew from the paths that were understood, so it holds nothing else.
    pub fn svg(&self) -> &str {
        &self.svg
    }

    /// Changes whenever the drawing does.
    pub fn version(&self) -> String {
        format!("{:016x}", self.digest)
    }
}

/// Where an icon comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// With the product.
    Shipped,
    /// From an administrator, in place of one of the product's.
    Replaced,
    /// From an administrator.
    Added,
}

/// An icon with what is known of it.
#[derive(Debug, Clone)]
pub struct Icon {
    /// What people call those of the product.
    pub title: Option<Text2>,
    /// Where it comes from.
    pub origin: Origin,
    /// What it looks like.
    pub drawing: Drawing,
}

/// All icons of an installation.
#[derive(Debug, Clone)]
pub struct Icons {
    by_name: BTreeMap<IconName, Icon>,
    version: String,
}

impl Icons {
    /// Those of the product alone.
    pub fn shipped() -> Self {
        Self::with(std::iter::empty())
    }

    /// Those of the product, and an administrator's own beside them or in their place.
    pub fn with(own: impl IntoIterator<Item = (IconName, Drawing)>) -> Self {
        let mut by_name = shipped::shipped().clone();
        for (name, drawing) in own {
            let replaced = by_name.get(&name).filter(|icon| icon.origin != Origin::Added);
            let origin = if replaced.is_some() { Origin::Replaced } else { Origin::Added };
            let title = replaced.and_then(|icon| icon.title.clone());
            by_name.insert(name, Icon { title, origin, drawing });
        }
        let mut hash = Xxh3::new();
        for (name, icon) in &by_name {
            hash.update(name.as_str().as_bytes());
            hash.update(&icon.drawing.digest.to_le_bytes());
        }
        Self { by_name, version: format!("{:016x}", hash.digest()) }
    }

    /// By name.
    pub fn iter(&self) -> impl Iterator<Item = (&IconName, &Icon)> {
        self.by_name.iter()
    }

    /// The one of this name.
    pub fn get(&self, name: &str) -> Option<&Icon> {
        self.by_name.get(&IconName::new_checked(name)?)
    }

    /// Changes whenever one of them does.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The path of an icon, another one whenever it looks different.
    pub fn href(&self, name: &str) -> Option<String> {
        self.get(name).map(|icon| format!("{ICON_PATH}/{name}?v={}", icon.drawing.version()))
    }

    /// The address of the sprite for a style, another one whenever an icon looks different.
    pub(crate) fn sprite(&self, base_url: &str) -> String {
        format!("{base_url}{SPRITE_PATH}?v={}", self.version)
    }
}

#[cfg(test)]
mod tests;
