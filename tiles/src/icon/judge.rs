//! Whether an SVG may be an icon. What is let through is written anew from the paths that were understood.

use spreet::resvg;
use spreet::resvg::tiny_skia::{Pixmap, Transform};
use spreet::resvg::usvg::{Error, Indent, Options, Tree, WriteOptions, roxmltree};

use super::{ICON_PX, IconFault};

/// The most that the file of an icon may have.
pub const ICON_MOST_BYTES: usize = 16 * 1024;
/// More than this is a picture.
pub(super) const MOST_ELEMENTS: usize = 300;
/// How many faults are told: a file that is something else has thousands.
const MOST_FAULTS: usize = 20;
/// How much of a name or an address is repeated.
const SHOWN_CHARS: usize = 40;

const SVG: &str = "http://www.w3.org/2000/svg";
/// What draws a shape, or says something that is not drawn. Text needs fonts; pictures, filters and masks more than one
/// colour; `use`, patterns and markers can make much of little.
const ELEMENTS: [&str; 18] = [
    "svg",
    "g",
    "defs",
    "title",
    "desc",
    "metadata",
    "style",
    "path",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polyline",
    "polygon",
    "clipPath",
    "linearGradient",
    "radialGradient",
    "stop",
];
/// In CSS these can point outside, hide what they say, or need much.
const NOT_IN_CSS: [&str; 8] =
    ["@", "\\", "url(", "expression(", "clip-path", "mask", "filter", "marker"];
/// From here on a signed distance field takes a pixel for inside.
const INSIDE: u8 = 128;

/// The icon, fitted into its square.
pub(super) fn judged(svg: &[u8]) -> Result<String, Vec<IconFault>> {
    if svg.len() > ICON_MOST_BYTES {
        return Err(vec![IconFault::TooLarge { bytes: svg.len() }]);
    }
    let text = std::str::from_utf8(svg).map_err(|_not| vec![IconFault::NotText])?;
    let faults = faults_of(text.trim_start_matches('\u{feff}'))?;
    if !faults.is_empty() {
        return Err(faults);
    }
    let drawn = tree(text.trim_start_matches('\u{feff}')).map_err(|fault| vec![fault])?;
    let fitted = fitted(&drawn);
    seen(&tree(&fitted).map_err(|fault| vec![fault])?).map_err(|fault| vec![fault])?;
    Ok(fitted)
}

/// What is understood of an SVG. Without fonts, and without a folder to look for files in.
pub(super) fn tree(text: &str) -> Result<Tree, IconFault> {
    Tree::from_str(text, &Options::default()).map_err(|error| match error {
        Error::InvalidSize => IconFault::NoSize,
        other => IconFault::NotXml { reason: other.to_string() },
    })
}

/// Its paths in a square of [`ICON_PX`], in the middle, as large as they can be.
fn fitted(tree: &Tree) -> String {
    let written = tree.to_string(&WriteOptions {
        indent: Indent::None,
        coordinates_precision: 4,
        ..WriteOptions::default()
    });
    let (width, height) = (tree.size().width(), tree.size().height());
    format!(
        r#"<svg xmlns="{SVG}" width="{ICON_PX}" height="{ICON_PX}" viewBox="0 0 {width} {height}">{written}</svg>"#
    )
}

/// All that stands in the way, in the order of the file; an error where nothing more can be said.
fn faults_of(text: &str) -> Result<Vec<IconFault>, Vec<IconFault>> {
    let strict = roxmltree::ParsingOptions { allow_dtd: false, ..Default::default() };
    let document = roxmltree::Document::parse_with_options(text, strict)
        .map_err(|error| vec![IconFault::NotXml { reason: error.to_string() }])?;
    let root = document.root_element().tag_name();
    if root.name() != "svg" || root.namespace() != Some(SVG) {
        return Err(vec![IconFault::NotSvg { found: shown(root.name()) }]);
    }
    let elements = || document.descendants().filter(roxmltree::Node::is_element);
    let count = elements().count();
    if count > MOST_ELEMENTS {
        return Err(vec![IconFault::TooManyElements { count }]);
    }
    Ok(elements().flat_map(|node| faults_at(&document, node)).take(MOST_FAULTS).collect())
}

fn faults_at(document: &roxmltree::Document, node: roxmltree::Node) -> Vec<IconFault> {
    let (tag, line) = (node.tag_name(), document.text_pos_at(node.range().start).row);
    let name = tag.name();
    if name.eq_ignore_ascii_case("script") {
        return vec![IconFault::Script { line, name: shown(name) }];
    }
    // What editors keep for themselves is not drawn, and not kept.
    if tag.namespace() != Some(SVG) {
        return Vec::new();
    }
    if !ELEMENTS.contains(&name) {
        return vec![IconFault::Element { line, name: shown(name) }];
    }
    let mut faults: Vec<IconFault> =
        node.attributes().filter_map(|attribute| fault_of_attribute(line, &attribute)).collect();
    if name == "style" {
        faults.extend(
            node.descendants().filter_map(|n| n.text()).find_map(|css| fault_of_css(line, css)),
        );
    }
    let is_in_clip = node.ancestors().any(|n| n.tag_name().name() == "clipPath");
    if is_in_clip && node.has_attribute("clip-path") {
        faults.push(IconFault::NestedClip { line });
    }
    faults
}

fn fault_of_attribute(line: u32, attribute: &roxmltree::Attribute) -> Option<IconFault> {
    let (name, value) = (attribute.name(), attribute.value().trim());
    let lower = value.to_ascii_lowercase();
    let is_handler = name.to_ascii_lowercase().starts_with("on");
    if is_handler || lower.contains("javascript:") {
        return Some(IconFault::Script { line, name: shown(name) });
    }
    if name == "style" {
        return fault_of_css(line, value);
    }
    let is_outside = match name {
        "href" => !value.starts_with('#'),
        _ => lower.match_indices("url(").any(|(at, found)| {
            let target = lower.get(at + found.len()..).unwrap_or_default();
            !target.trim_start().trim_start_matches(['"', '\'']).starts_with('#')
        }),
    };
    is_outside.then(|| IconFault::Reference { line, target: shown(value) })
}

fn fault_of_css(line: u32, css: &str) -> Option<IconFault> {
    let lower = css.to_ascii_lowercase();
    let found = NOT_IN_CSS.into_iter().find(|part| lower.contains(part))?;
    Some(IconFault::Css { line, found: found.to_owned() })
}

/// Whether there is a shape to be seen.
fn seen(tree: &Tree) -> Result<(), IconFault> {
    let side = u32::from(ICON_PX) * 2;
    let mut pixmap = Pixmap::new(side, side).ok_or(IconFault::NoSize)?;
    resvg::render(tree, Transform::from_scale(2.0, 2.0), &mut pixmap.as_mut());
    let inside = pixmap.pixels().iter().filter(|pixel| pixel.alpha() >= INSIDE).count();
    match inside {
        0 => Err(IconFault::DrawsNothing),
        all if all == pixmap.pixels().len() => Err(IconFault::CoversAll),
        _ => Ok(()),
    }
}

fn shown(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN_CHARS).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
