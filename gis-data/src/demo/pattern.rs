//! How a block of each use is built up.

use std::f64::consts::PI;

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use super::block::{Block, Use};
use super::draft::{Draft, Form};
use super::name::Names;
use super::packer::{Facing, Kind, Packer, Rows, Slot, draw};
use super::shape::{Pt, bounding_rect, clip_left, distance, dot, left, pt, signed_area, unit};
use super::terrain::Zone;

/// What a pattern leaves behind: buildings and greens, and the block's name if it has one.
#[derive(Debug, Default)]
pub(super) struct Built {
    pub(super) drafts: Vec<Draft>,
    /// Class, name and open ring of each.
    pub(super) greens: Vec<(&'static str, Option<String>, Vec<Pt>)>,
    pub(super) name: Option<String>,
}

pub(super) fn build(block: &Block, index: usize, names: &mut Names, rng: &mut ChaCha8Rng) -> Built {
    match block.usage {
        Use::Lanes => lanes(block, index, rng),
        Use::Estate => estate(block, index, names, rng),
        Use::Towers => towers(block, index, names, rng),
        Use::Business | Use::Shops => business(block, index, names, rng),
        Use::Works => works(block, index, names, rng),
        Use::School | Use::University => school(block, index, names, rng),
        Use::Hospital => hospital(block, index, names, rng),
        Use::Village => village(block, index, names, rng),
        Use::Park | Use::Lake | Use::Vacant | Use::Fields | Use::Verge | Use::Government => {
            Built::default()
        }
    }
}

fn lanes(block: &Block, index: usize, rng: &mut ChaCha8Rng) -> Built {
    let mut packer = Packer::new(block, index, Facing::South);
    // A few courtyard houses first, the small houses fill what they leave.
    let courtyards = if block.area_m2 > 5_000.0 { 3 } else { 1 };
    for _ in 0..courtyards {
        let middle = pt(
            rng.random_range(packer.low.x..packer.high.x),
            rng.random_range(packer.low.y..packer.high.y),
        );
        let slot = Slot::new(middle, draw((22.0, 34.0), rng), draw((20.0, 30.0), rng), 5.0);
        let kind = Kind::new("住宅", (1, 2), (1955, 1990));
        packer.build(slot, Form::Court, &kind, rng);
    }
    let old = block.zone == Zone::OldTown;
    let rows = Rows {
        width: if old { (9.0, 21.0) } else { (11.0, 24.0) },
        depth: (9.5, 14.0),
        gap: (0.9, 3.2),
        lane: (2.2, 7.0),
        empty: 0.12,
        forms: &[Form::Slab, Form::Slab, Form::Slab, Form::Ell],
    };
    packer.rows(&rows, &Kind::new("住宅", (1, 4), (1962, 2004)), rng);
    for draft in &mut packer.drafts {
        if rng.random_bool(0.16) {
            draft.use_kind = "商业";
        }
    }
    Built { drafts: packer.drafts, ..Built::default() }
}

fn estate(block: &Block, index: usize, names: &mut Names, rng: &mut ChaCha8Rng) -> Built {
    const TAILS: [&str; 6] = ["小区", "家园", "新村", "花园", "苑", "里"];
    let name = format!("{}{}", names.pair(), TAILS[rng.random_range(0..TAILS.len())]);
    let mut packer = Packer::new(block, index, Facing::South);
    let low_rise = rng.random_bool(0.6);
    let (floors, lane, years) = if low_rise {
        ((5, 7), (15.0, 20.0), (1985, 2008))
    } else {
        ((9, 12), (26.0, 33.0), (2003, 2020))
    };
    street_shops(&mut packer, rng);
    let long = rng.random_range(38.0..60.0);
    let rows = Rows {
        width: (long * 0.7, long),
        depth: (11.0, 13.5),
        gap: (9.0, 13.0),
        lane,
        empty: 0.06,
        forms: &[Form::Slab, Form::Stepped, Form::Stepped],
    };
    packer.rows(&rows, &Kind::new("住宅", floors, years), rng);
    number(&mut packer.drafts, &name);
    Built { drafts: packer.drafts, greens: Vec::new(), name: Some(name) }
}

fn towers(block: &Block, index: usize, names: &mut Names, rng: &mut ChaCha8Rng) -> Built {
    const TAILS: [&str; 5] = ["府", "雅苑", "湾", "华庭", "名邸"];
    let name = format!("{}{}", names.pair(), TAILS[rng.random_range(0..TAILS.len())]);
    let mut packer = Packer::new(block, index, Facing::South);
    street_shops(&mut packer, rng);
    // The garden in the middle stays open.
    let middle = (packer.low + packer.high) / 2.0;
    let size = packer.high - packer.low;
    let mut greens = Vec::new();
    if block.area_m2 > 20_000.0
        && let Some(garden) = packer.reserve(Slot::new(middle, size.x * 0.3, size.y * 0.22, 8.0))
    {
        greens.push(("grass", None, garden));
    }
    let rows = Rows {
        width: (24.0, 40.0),
        depth: (17.0, 20.0),
        gap: (16.0, 26.0),
        lane: (30.0, 42.0),
        empty: 0.08,
        forms: &[Form::Cross, Form::Stepped, Form::Tower],
    };
    packer.rows(&rows, &Kind::new("住宅", (17, 33), (2009, 2024)), rng);
    number(&mut packer.drafts, &name);
    Built { drafts: packer.drafts, greens, name: Some(name) }
}

/// Low shops along the lot's southern edge.
fn street_shops(packer: &mut Packer, rng: &mut ChaCha8Rng) {
    let lot = packer.lot.clone();
    let kind = Kind::new("商业", (1, 3), (1995, 2018));
    for (a, b) in super::shape::sides(&lot) {
        let long = distance(a, b);
        if long < 45.0 || rng.random_bool(0.45) {
            continue;
        }
        let axis = unit(b - a);
        let mut at = 8.0;
        while at + 30.0 < long - 6.0 {
            let width = rng.random_range(22.0..46.0_f64).min(long - 8.0 - at);
            let depth = rng.random_range(8.5..11.5);
            let middle = a + axis * (at + width / 2.0) + left(axis) * (depth / 2.0 + 2.5);
            packer.build(Slot { middle, width, depth, gap: 7.0, axis }, Form::Slab, &kind, rng);
            at += width + rng.random_range(5.0..16.0);
        }
    }
}

/// Numbers the dwellings and tells the street shops from them by having no name.
fn number(drafts: &mut [Draft], name: &str) {
    let dwellings = drafts.iter_mut().filter(|draft| draft.use_kind == "住宅");
    for (i, draft) in dwellings.enumerate() {
        draft.name = Some(format!("{name}{}号楼", i + 1));
    }
}

/// Cuts a lot into pieces no larger than a limit, across the longer side each time.
pub(super) fn pieces(lot: &[Pt], limit_m2: f64, lane_m: f64, rng: &mut ChaCha8Rng) -> Vec<Vec<Pt>> {
    let mut open = vec![lot.to_vec()];
    let mut done = Vec::new();
    while let Some(piece) = open.pop() {
        let area = signed_area(&piece);
        if area < limit_m2 * rng.random_range(0.8..1.4) {
            if area > 500.0 {
                done.push(piece);
            }
            continue;
        }
        let rect = bounding_rect(&piece);
        let through = rect.centre + rect.axis * (rect.half_long * rng.random_range(-0.15..0.15));
        let across = left(rect.axis);
        open.push(clip_left(&piece, through - rect.axis * (lane_m / 2.0), across));
        let back = pt(-across.x, -across.y);
        open.push(clip_left(&piece, through + rect.axis * (lane_m / 2.0), back));
    }
    done
}

fn business(block: &Block, index: usize, names: &mut Names, rng: &mut ChaCha8Rng) -> Built {
    const TAILS: [&str; 6] = ["大厦", "中心", "广场", "国际大厦", "商务楼", "商厦"];
    let high = block.usage == Use::Business;
    let mut built = Built::default();
    let limit = if high { 5_200.0 } else { 3_600.0 };
    for piece in pieces(&block.lot, limit, 9.0, rng) {
        let mut packer = Packer::on_lot(&piece, index, Facing::Street);
        let size = packer.high - packer.low;
        let middle = (packer.high + packer.low) / 2.0;
        let kind = if high && rng.random_bool(0.6) {
            Kind::new("办公", (14, 38), (2008, 2024))
        } else {
            Kind::new("商业", (3, 8), (1998, 2022))
        };
        let tall = kind.floors.0 > 10;
        for attempt in 0..4 {
            let shrink = 1.0 - 0.15 * f64::from(attempt);
            let part = if tall { (0.5, 0.72) } else { (0.72, 0.88) };
            let width = (size.x * draw(part, rng) * shrink).min(if tall { 52.0 } else { 95.0 });
            let depth = (size.y * draw(part, rng) * shrink).min(if tall { 42.0 } else { 70.0 });
            if width < 14.0 || depth < 12.0 {
                break;
            }
            let forms: &[Form] = if tall {
                &[Form::Tower, Form::Slab, Form::Cross, Form::Stepped]
            } else {
                &[Form::Slab, Form::Ell, Form::Yoke, Form::Stepped, Form::Court]
            };
            let form = forms[rng.random_range(0..forms.len())];
            if let Some(draft) =
                packer.build(Slot::new(middle, width, depth, 6.0), form, &kind, rng)
            {
                let tail = TAILS[rng.random_range(0..TAILS.len())];
                draft.name = Some(format!("{}{tail}", names.pair()));
                break;
            }
        }
        built.drafts.append(&mut packer.drafts);
    }
    built
}

fn works(block: &Block, index: usize, names: &mut Names, rng: &mut ChaCha8Rng) -> Built {
    const TAILS: [&str; 5] = ["机械厂", "新材料园", "物流园", "食品厂", "电子产业园"];
    let name = format!("{}{}", names.pair(), TAILS[rng.random_range(0..TAILS.len())]);
    let mut built = Built { name: Some(name.clone()), ..Built::default() };
    for piece in pieces(&block.lot, 26_000.0, 12.0, rng) {
        let mut packer = Packer::on_lot(&piece, index, Facing::Street);
        let office = Kind::new("办公", (3, 6), (2000, 2020));
        let corner = pt(packer.low.x + 30.0, packer.low.y + 18.0);
        packer.build(Slot::new(corner, 42.0, 15.0, 10.0), Form::Slab, &office, rng);
        let deep = rng.random_range(26.0..52.0);
        let rows = Rows {
            width: (45.0, 120.0),
            depth: (deep, deep * 1.2),
            gap: (10.0, 18.0),
            lane: (12.0, 20.0),
            empty: 0.12,
            forms: &[Form::Slab, Form::Slab, Form::Slab, Form::Ell],
        };
        packer.rows(&rows, &Kind::new("工业", (1, 2), (1992, 2023)), rng);
        for draft in &mut packer.drafts {
            if draft.use_kind == "工业" && rng.random_bool(0.25) {
                draft.use_kind = "仓储";
            }
        }
        built.drafts.append(&mut packer.drafts);
    }
    for (i, draft) in built.drafts.iter_mut().enumerate() {
        let what = match draft.use_kind {
            "办公" => "办公楼",
            "仓储" => "库房",
            _ => "车间",
        };
        draft.name = Some(format!("{name}{}号{what}", i + 1));
    }
    built
}

/// A running track: a rectangle with round ends.
fn track(middle: Pt, long: f64, wide: f64) -> Vec<Pt> {
    let radius = wide / 2.0;
    let straight = long / 2.0 - radius;
    let mut ring = Vec::new();
    for (side, start) in [(1.0, -0.5), (-1.0, 0.5)] {
        for i in 0..=10 {
            let angle = (start + f64::from(i) / 10.0) * PI;
            let round = pt(libm::cos(angle), libm::sin(angle)) * radius;
            ring.push(middle + pt(side * straight, 0.0) + round);
        }
    }
    ring
}

fn school(block: &Block, index: usize, names: &mut Names, rng: &mut ChaCha8Rng) -> Built {
    let university = block.usage == Use::University;
    let tail = if university {
        ["大学", "职业技术学院", "师范学院"][rng.random_range(0..3)]
    } else {
        ["小学", "中学", "实验学校", "第二小学"][rng.random_range(0..4)]
    };
    let name = format!("{}{tail}", names.pair());
    let mut packer = Packer::new(block, index, Facing::Street);
    let mut greens = Vec::new();
    let size = packer.high - packer.low;
    let (long, wide) = if size.x > 210.0 && size.y > 110.0 { (170.0, 88.0) } else { (92.0, 46.0) };
    for x in [packer.high.x - long / 2.0 - 14.0, packer.low.x + long / 2.0 + 14.0] {
        let middle =
            pt(x, packer.low.y + wide / 2.0 + 14.0 + (size.y - wide - 28.0).max(0.0) * 0.3);
        if packer.reserve(Slot::new(middle, long, wide, 14.0)).is_some() {
            greens.push(("pitch", None, packer.axes.ring(&track(middle, long, wide))));
            break;
        }
    }
    let rows = Rows {
        width: (46.0, 82.0),
        depth: (15.0, 42.0),
        gap: (14.0, 24.0),
        lane: (18.0, 30.0),
        empty: 0.1,
        forms: &[Form::Yoke, Form::Slab, Form::Ell, Form::Comb, Form::Stepped],
    };
    let floors = if university { (4, 12) } else { (3, 5) };
    packer.rows(&rows, &Kind::new("教育", floors, (1988, 2022)), rng);
    let halls = ["教学楼", "实验楼", "图书馆", "综合楼", "体育馆", "宿舍楼"];
    for (i, draft) in packer.drafts.iter_mut().enumerate() {
        let round = i / halls.len() + 1;
        draft.name = Some(format!("{name}{round}号{}", halls[i % halls.len()]));
    }
    Built { drafts: packer.drafts, greens, name: Some(name) }
}

fn hospital(block: &Block, index: usize, names: &mut Names, rng: &mut ChaCha8Rng) -> Built {
    let name = format!("{}医院", names.pair());
    let mut packer = Packer::new(block, index, Facing::South);
    let rows = Rows {
        width: (50.0, 90.0),
        depth: (20.0, 46.0),
        gap: (16.0, 24.0),
        lane: (22.0, 32.0),
        empty: 0.08,
        forms: &[Form::Yoke, Form::Comb, Form::Slab, Form::Ell],
    };
    packer.rows(&rows, &Kind::new("医疗", (4, 16), (1996, 2023)), rng);
    let halls = ["门诊楼", "住院楼", "医技楼", "行政楼", "感染科楼"];
    for (i, draft) in packer.drafts.iter_mut().enumerate() {
        let round = i / halls.len() + 1;
        draft.name = Some(format!("{name}{round}号{}", halls[i % halls.len()]));
    }
    Built { drafts: packer.drafts, greens: Vec::new(), name: Some(name) }
}

/// Houses crowd around the lot's longest street; fields take the rest.
fn village(block: &Block, index: usize, names: &mut Names, rng: &mut ChaCha8Rng) -> Built {
    let name = names.village(rng);
    let longest = super::shape::sides(&block.lot)
        .max_by(|(a, b), (c, d)| distance(*a, *b).total_cmp(&distance(*c, *d)));
    let Some((a, b)) = longest else { return Built::default() };
    let axis = unit(b - a);
    let (half_long, deep) = (rng.random_range(90.0..210.0_f64), rng.random_range(90.0..190.0));
    let middle = (a + b) / 2.0;
    let near = |p: Pt| {
        let d = p - middle;
        let (x, y) = (dot(d, axis) / half_long, dot(d, left(axis)) / deep);
        x * x + y * y < 1.0
    };
    let mut packer = Packer::new(block, index, Facing::Street);
    let kind = Kind::new("农房", (1, 3), (1980, 2020));
    let mut y = 6.0;
    while y < deep {
        let mut x = -half_long;
        while x < half_long {
            let (width, depth) = (rng.random_range(10.0..16.0), rng.random_range(8.5..11.5));
            let spot = middle + axis * (x + width / 2.0) + left(axis) * (y + depth / 2.0);
            if near(spot) && rng.random_bool(0.86) {
                let turned = unit(axis + left(axis) * rng.random_range(-0.07..0.07));
                let local = |v: Pt| packer.axes.to_local(packer.axes.origin + v);
                let slot = Slot {
                    middle: packer.axes.to_local(spot),
                    width,
                    depth,
                    gap: 2.0,
                    axis: local(turned),
                };
                let form = if rng.random_bool(0.25) { Form::Ell } else { Form::Slab };
                packer.build(slot, form, &kind, rng);
            }
            x += width + rng.random_range(2.5..7.0);
        }
        y += rng.random_range(15.0..21.0);
    }
    Built { drafts: packer.drafts, greens: Vec::new(), name: Some(name) }
}
