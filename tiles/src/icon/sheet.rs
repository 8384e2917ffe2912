//! Icons become a sprite: a picture of all of them, and where each is in it. Each pixel says how far it is from the edge
//! of its icon (a signed distance field), so that a style gives them colour, halo and size.

use std::collections::BTreeMap;

use bytes::Bytes;
use spreet::{SpreetError, Sprite, Spritesheet};

use super::{IconName, Icons, judge};

/// How many pixels of a sprite are one of CSS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ratio {
    /// One.
    Single,
    /// Two by two, for dense screens: `@2x`.
    Double,
}

impl Ratio {
    fn factor(self) -> u8 {
        match self {
            Self::Single => 1,
            Self::Double => 2,
        }
    }
}

/// A sprite as MapLibre asks for it.
#[derive(Debug, Clone)]
pub struct SpriteSheet {
    /// The picture.
    pub png: Bytes,
    /// Where each icon is: JSON.
    pub index: Bytes,
}

/// A sprite that cannot be made. Every icon was drawn once before, so this is a fault of the program.
#[derive(Debug, thiserror::Error)]
pub enum SpriteError {
    /// The drawing is not understood any more.
    #[error("draw the icon {0}")]
    Draw(IconName),
    /// They do not fit into one picture.
    #[error("pack {0} icons into one picture")]
    Pack(usize),
    /// The picture cannot be written.
    #[error("encode the sprite as PNG")]
    Encode(#[source] Box<SpreetError>),
    /// The index cannot be written.
    #[error("write the index of the sprite")]
    Index(#[source] serde_json::Error),
}

impl Icons {
    /// All icons in one picture; the same icons make the same bytes.
    pub fn sheet(&self, ratio: Ratio) -> Result<SpriteSheet, SpriteError> {
        let mut sprites = BTreeMap::new();
        for (name, icon) in self.iter() {
            let undrawn = || SpriteError::Draw(name.clone());
            let tree = judge::tree(icon.drawing.svg()).map_err(|_told| undrawn())?;
            let sprite = Sprite::new_sdf(tree, ratio.factor()).ok_or_else(undrawn)?;
            sprites.insert(name.to_string(), sprite);
        }
        let count = sprites.len();
        let sheet = Spritesheet::build()
            .sprites(sprites)
            .make_sdf()
            .generate()
            .ok_or(SpriteError::Pack(count))?;
        let png = sheet.encode_png().map_err(|error| SpriteError::Encode(Box::new(error)))?;
        let index = serde_json::to_vec(sheet.get_index()).map_err(SpriteError::Index)?;
        Ok(SpriteSheet { png: png.into(), index: index.into() })
    }
}
