//! What becomes an icon, and where it is found in the sprite.

use proptest::prelude::*;
use serde_json::Value as Json;
use spreet::Sprite;
use spreet::resvg::tiny_skia::Pixmap;

use super::*;

const DOT: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><circle cx="32" cy="32" r="20"/></svg>"#;

fn name(text: &str) -> IconName {
    IconName::new_checked(text).unwrap()
}

fn drawing(svg: &str) -> Drawing {
    Drawing::new_checked(svg.as_bytes()).unwrap()
}

fn faults(svg: &str) -> Vec<IconFault> {
    Drawing::new_checked(svg.as_bytes()).unwrap_err()
}

fn inside(body: &str) -> String {
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 20 20">
{body}
<path d="M2 2h9v9z"/></svg>"#
    )
}

#[derive(Debug, Clone, Copy)]
struct Place {
    x: u32,
    y: u32,
    width: u32,
    height: u32,
}

fn places(sheet: &SpriteSheet, ratio: u64) -> BTreeMap<String, Place> {
    let index: BTreeMap<String, Json> = serde_json::from_slice(&sheet.index).unwrap();
    let number = |icon: &Json, key: &str| u32::try_from(icon[key].as_u64().unwrap()).unwrap();
    index
        .into_iter()
        .map(|(name, icon)| {
            assert_eq!(icon["sdf"], true, "{name}");
            assert_eq!(icon["pixelRatio"], ratio, "{name}");
            let [x, y, width, height] = ["x", "y", "width", "height"].map(|key| number(&icon, key));
            (name, Place { x, y, width, height })
        })
        .collect()
}

fn cut(picture: &Pixmap, at: Place) -> Vec<u8> {
    let rows = at.y..at.y + at.height;
    rows.flat_map(|y| (at.x..at.x + at.width).map(move |x| (x, y)))
        .map(|(x, y)| picture.pixel(x, y).unwrap().alpha())
        .collect()
}

#[test]
fn every_icon_is_in_the_sprite_where_its_index_says() {
    let icons = Icons::with([(name("dot"), drawing(DOT))]);
    for (ratio, factor) in [(Ratio::Single, 1_u8), (Ratio::Double, 2)] {
        let sheet = icons.sheet(ratio).unwrap();
        let picture = Pixmap::decode_png(&sheet.png).unwrap();
        let places = places(&sheet, u64::from(factor));
        assert_eq!(places.len(), icons.iter().count());
        for (name, icon) in icons.iter() {
            let place = places[name.as_str()];
            let alone = Sprite::new_sdf(judge::tree(icon.drawing.svg()).unwrap(), factor).unwrap();
            let expected: Vec<u8> = alone.pixmap().pixels().iter().map(|p| p.alpha()).collect();
            assert_eq!(cut(&picture, place), expected, "{name} at {place:?}");
            assert!(expected.iter().any(|alpha| *alpha >= 192), "{name} has an inside");
            assert!(expected.iter().any(|alpha| *alpha < 128), "{name} has an outside");
        }
    }
}

#[test]
fn for_dense_screens_every_icon_is_twice_as_large() {
    let icons = Icons::shipped();
    let single = places(&icons.sheet(Ratio::Single).unwrap(), 1);
    let double = places(&icons.sheet(Ratio::Double).unwrap(), 2);
    // Six pixels on each side are for the distance.
    let side = u32::from(ICON_PX) + 12;
    for (name, place) in &single {
        assert_eq!((place.width, place.height), (side, side), "{name}");
        assert_eq!((double[name].width, double[name].height), (2 * side, 2 * side), "{name}");
    }
}

#[test]
fn the_same_icons_make_the_same_bytes() {
    let (one, other) = (Icons::shipped(), Icons::with([]));
    assert_eq!(one.version(), other.version());
    let [one, other] = [one, other].map(|icons| icons.sheet(Ratio::Single).unwrap());
    assert_eq!(one.png, other.png);
    assert_eq!(one.index, other.index);
}

#[test]
fn an_own_icon_stands_beside_those_of_the_product_or_in_place_of_one() {
    let shipped = Icons::shipped();
    let icons = Icons::with([(name("dot"), drawing(DOT)), (name("canteen"), drawing(DOT))]);
    assert_eq!(
        icons.get("dot").map(|i| (i.origin, i.title.is_none())),
        Some((Origin::Added, true))
    );
    let canteen = icons.get("canteen").unwrap();
    assert_eq!(canteen.origin, Origin::Replaced);
    assert_eq!(canteen.title.as_ref().unwrap().zh, "食堂");
    assert_eq!(icons.get("gate").unwrap().origin, Origin::Shipped);
    assert!(icons.get("none").is_none() && icons.get("../gate").is_none());
    assert_ne!(icons.version(), shipped.version());
    assert_ne!(icons.href("canteen"), shipped.href("canteen"));
    assert_eq!(icons.href("gate"), shipped.href("gate"));
    assert!(icons.sprite("http://host").starts_with("http://host/sprites/icons?v="));
}

#[test]
fn an_icon_of_any_size_is_fitted_into_its_square() {
    let wide = r#"<svg xmlns="http://www.w3.org/2000/svg" width="400" height="100"><path d="M0 0h400v100z"/></svg>"#;
    for svg in [DOT, wide] {
        let fitted = judge::tree(drawing(svg).svg()).unwrap();
        let side = f32::from(ICON_PX);
        assert_eq!((fitted.size().width(), fitted.size().height()), (side, side));
        let drawn = fitted.root().abs_bounding_box();
        assert!(drawn.left() >= -0.01 && drawn.right() <= side + 0.01, "{drawn:?}");
        let middle = f32::midpoint(drawn.top(), drawn.bottom());
        assert!((middle - side / 2.0).abs() < 0.1, "{drawn:?}");
    }
}

#[test]
fn what_browsers_get_holds_paths_and_nothing_else() {
    let svg = inside(
        r#"<!-- made by hand --><metadata><about xmlns="http://example.org/">who</about></metadata>
<style>.a{fill:#123456}</style><title>a door</title><rect class="a" id="secret" width="3" height="3"/>"#,
    );
    let kept = drawing(&svg);
    for gone in ["hand", "example.org", "style", "title", "a door"] {
        assert!(!kept.svg().contains(gone), "{gone} in {}", kept.svg());
    }
    assert!(kept.svg().contains("<path"), "{}", kept.svg());
}

#[test]
fn names_are_small_letters_digits_and_dashes() {
    for good in ["a", "fire-hydrant", "bus2", &"a".repeat(40)] {
        assert!(IconName::new_checked(good).is_some(), "{good}");
    }
    for bad in ["", "A", "2bus", "-a", "a b", "a/b", "食堂", "a.svg", "icon@2x", &"a".repeat(41)]
    {
        assert!(IconName::new_checked(bad).is_none(), "{bad}");
    }
}

#[test]
fn what_is_no_icon_is_told_what_is_wrong_and_where() {
    let script = |name: &str| IconFault::Script { line: 2, name: name.to_owned() };
    let element = |name: &str| IconFault::Element { line: 2, name: name.to_owned() };
    let reference = |target: &str| IconFault::Reference { line: 2, target: target.to_owned() };
    let css = |found: &str| IconFault::Css { line: 2, found: found.to_owned() };
    let table: &[(&str, IconFault)] = &[
        ("<script>alert(1)</script>", script("script")),
        (r#"<x:script xmlns:x="http://www.w3.org/1999/xhtml">1</x:script>"#, script("script")),
        (r#"<rect onload="alert(1)" width="1" height="1"/>"#, script("onload")),
        (r#"<path fill="javascript:alert(1)" d="M0 0h1v1z"/>"#, script("fill")),
        (r#"<image href="http://host/a.png"/>"#, element("image")),
        ("<foreignObject/>", element("foreignObject")),
        ("<text>P</text>", element("text")),
        (r##"<use href="#a"/>"##, element("use")),
        (r#"<animate attributeName="x"/>"#, element("animate")),
        (
            r#"<linearGradient id="a" xlink:href="http://host/b.svg#c"/>"#,
            reference("http://host/b.svg#c"),
        ),
        (
            r#"<rect fill="url(http://host/a)" width="1" height="1"/>"#,
            reference("url(http://host/a)"),
        ),
        (r#"<rect style="fill:url(//host/a)" width="1" height="1"/>"#, css("url(")),
        ("<style>@import 'http://host/a.css';</style>", css("@")),
        (r"<style>.a{fill:u\72l(x)}</style>", css("\\")),
        (
            r#"<clipPath id="a"><rect clip-path="url(#b)" width="1" height="1"/></clipPath>"#,
            IconFault::NestedClip { line: 2 },
        ),
    ];
    for (body, fault) in table {
        assert_eq!(faults(&inside(body)), std::slice::from_ref(fault), "{body}");
        let told = fault.message();
        assert!(told.zh.contains("第 2 行") && told.en.contains("line 2"), "{told:?}");
    }
    let all = inside(r#"<text>P</text><rect onclick="a()" width="1" height="1"/>"#);
    assert_eq!(faults(&all).len(), 2, "all of it is said at once");
}

#[test]
fn what_is_no_svg_or_shows_nothing_is_refused() {
    let svg = |rest: &str| format!(r#"<svg xmlns="http://www.w3.org/2000/svg" {rest}</svg>"#);
    let square = r#"viewBox="0 0 9 9">"#;
    assert!(matches!(faults("")[..], [IconFault::NotXml { .. }]));
    assert!(matches!(faults("<svg>")[..], [IconFault::NotXml { .. }]));
    let bomb =
        r#"<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>"#;
    assert!(matches!(faults(bomb)[..], [IconFault::NotXml { .. }]));
    assert_eq!(faults("<html/>"), [IconFault::NotSvg { found: "html".to_owned() }]);
    assert_eq!(faults("<svg/>"), [IconFault::NotSvg { found: "svg".to_owned() }]);
    assert_eq!(Drawing::new_checked(&[0x1f, 0x8b, 0xff]).unwrap_err(), [IconFault::NotText]);
    assert_eq!(faults(&svg(r#"width="0" height="0"><path d="M0 0h1v1z"/>"#)), [IconFault::NoSize]);
    assert_eq!(faults(&svg(square)), [IconFault::DrawsNothing]);
    assert_eq!(
        faults(&svg(&format!(r#"{square}<path fill="none" d="M0 0h5v5z"/>"#))),
        [IconFault::DrawsNothing]
    );
    assert_eq!(
        faults(&svg(&format!(r#"{square}<rect width="9" height="9"/>"#))),
        [IconFault::CoversAll]
    );
    let many = format!("{square}{}", r#"<path d="M0 0h1v1z"/>"#.repeat(400));
    assert_eq!(faults(&svg(&many)), [IconFault::TooManyElements { count: 401 }]);
    let bytes = ICON_MOST_BYTES + 1;
    assert_eq!(faults(&" ".repeat(bytes)), [IconFault::TooLarge { bytes }]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_files_are_icons_that_can_be_drawn_or_have_faults(body in prop_oneof![
        "\\PC{0,80}",
        prop::collection::vec(prop::sample::select(vec![
            "<g>", "</g>", "<path d=\"", "\"/>", "M0 0", "L9 9", "h-1e38", "a1 1 0 0 1 9 9", "z", "<rect width=\"",
            "1e9", "-3", "\" height=\"", " transform=\"scale(0)\"", " stroke-width=\"1e30\"", " fill=\"none\"",
            "<clipPath id=\"a\">", "</clipPath>", " clip-path=\"url(#a)\"", "<style>", "*{fill:red}", "</style>",
        ]), 0..24).prop_map(|parts| parts.concat()),
    ]) {
        let svg = inside(&body);
        match Drawing::new_checked(svg.as_bytes()) {
            Ok(drawing) => {
                let tree = judge::tree(drawing.svg()).unwrap();
                prop_assert!(Sprite::new_sdf(tree, 2).is_some());
            }
            Err(faults) => {
                prop_assert!(!faults.is_empty());
                prop_assert!(faults.iter().all(|f| !f.message().zh.is_empty()));
            }
        }
    }
}
