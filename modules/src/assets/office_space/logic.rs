//! What the fields of office-space documents alone cannot say: sums, judgements by the standards, postings.

use std::collections::BTreeSet;

use gis_data::{FeatureId, OrgId, Text2};
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};
use time::Date;

use super::entitlement::{
    BuildingForm, PersonCase, UnitCase, UnitEntitlement, check_person, entitle_unit,
};
use super::queries;
use crate::definition::{FieldFault, Form};
use crate::document::{Act, Decision, area_text, cm2_of};
use crate::ledger::seat::{self, PostEntry, Seat};
use crate::ledger::shared;
use crate::standard::{Register, Ruling, book_in};
use crate::{ModuleError, Result};

/// 调剂 before 置换 before 租用 before 建设: a later way needs a word on why the earlier ones do not serve
/// (中办发〔2017〕70号; order as in 鲁办发〔2018〕49号).
pub(super) fn earlier_ways_first(form: &Form<'_>, faults: &mut Vec<FieldFault>) {
    let text = |name: &str| {
        form.body.get(name).and_then(Json::as_str).map(str::trim).filter(|t| !t.is_empty())
    };
    if text("method").is_some_and(|m| m != "adjust") && text("earlier_ways").is_none() {
        faults.push(FieldFault::new(
            "body.earlier_ways",
            None,
            "置换、租用、建设须说明前序方式为何不能满足",
            "exchange, rent and building need a word on why the earlier ways do not serve",
        ));
    }
}

/// A room stands in one line: its areas add up there, and not over several.
pub(super) fn each_room_once(form: &Form<'_>, faults: &mut Vec<FieldFault>) {
    let mut seen = BTreeSet::new();
    for (n, line) in form.lines.iter().enumerate() {
        if line.get("room").and_then(Json::as_i64).is_some_and(|room| !seen.insert(room)) {
            faults.push(FieldFault::new(
                &format!("lines.{n}.room"),
                None,
                "这个房间在前面已经有一行，请合并为一行",
                "this room has a line already: make one of the two",
            ));
        }
    }
}

/// The posts of all lines.
pub(super) fn sum_posts(body: &mut Map<String, Json>, lines: &[Json]) {
    let sum: i64 = lines.iter().filter_map(|l| l.get("posts")?.as_i64()).sum();
    body.insert("posts_total".to_owned(), json!(sum));
}

/// The area of all lines, if each has one.
pub(super) fn sum_area(body: &mut Map<String, Json>, lines: &[Json]) {
    let areas: Option<Vec<i64>> = lines.iter().map(|l| cm2_of(l.get("area")?)).collect();
    match areas.filter(|a| !a.is_empty()) {
        Some(areas) => {
            drop(body.insert("total_area".to_owned(), json!(area_text(areas.iter().sum()))));
        }
        None => drop(body.remove("total_area")),
    }
}

/// Square centimetres as square metres.
pub(super) fn m2_decimal(cm2: i64) -> Decimal {
    Decimal::new(cm2, 4)
}

/// 核定: what the body may use by its posts, and what it has; both are written into the request, with the rows that decided.
pub(super) async fn judge_unit(act: &mut Act<'_>) -> Result<()> {
    let org = act.must_org("org")?;
    let on = act.day("from").unwrap_or(act.today);
    let held = queries::held_by_org(act.tx, org, on).await?;
    act.set("held", json!(area_text(held)));
    if let Some(found) = entitled(act, org, on).await? {
        act.set("entitled", json!(found.basic.to_string()));
    }
    Ok(())
}

/// 配置 within what the body may use: together with what it has, and as far as its posts are known.
pub(super) async fn within_entitlement(act: &mut Act<'_>) -> Result<()> {
    let org = act.must_org("org")?;
    let on = act.day("from").unwrap_or(act.today);
    let Some(found) = entitled(act, org, on).await? else { return Ok(()) };
    let wanted = act.line_areas("room", "area");
    let rooms: BTreeSet<FeatureId> = wanted.iter().map(|w| w.0).collect();
    let state = crate::space::hold(act.tx, &rooms).await?;
    let whole = |room: &FeatureId| state.get(room).map_or(0, |r| r.vacant().on(on));
    let added: i64 = wanted.iter().map(|(room, cm2)| cm2.unwrap_or_else(|| whole(room))).sum();
    let held = queries::held_by_org(act.tx, org, on).await?;
    let (together, limit) = (m2_decimal(held + added), found.basic);
    let is_enforced = found.rulings.iter().all(|r| r.is_enforced);
    if is_enforced && together > limit {
        return Err(ModuleError::Invalid(vec![FieldFault::new(
            "lines",
            Some(json!(limit)),
            &format!(
                "配置后合计 {} 平方米，超过核定面积 {limit} 平方米；请减少房间或面积",
                area_text(held + added)
            ),
            &format!(
                "with it the body has {} m², above the {limit} m² it may use: take fewer rooms",
                area_text(held + added)
            ),
        )]));
    }
    Ok(())
}

/// What the posts of a body entitle it to, with a decision for each row used; nothing where no posts are on file.
async fn entitled(act: &mut Act<'_>, org: OrgId, on: Date) -> Result<Option<UnitEntitlement>> {
    let posts = seat::posts_of(act.tx, org, on).await?;
    if posts.is_empty() {
        return Ok(None);
    }
    let context = seat::org_context(act.tx, org).await?;
    let book = book_in(act.tx).await?;
    let counted: Vec<(&str, u32)> =
        posts.iter().map(|(_, rank, n)| (rank.as_str(), u32::try_from(*n).unwrap_or(0))).collect();
    let case = UnitCase {
        region: &context.region,
        level: &context.level,
        posts: &counted,
        form: BuildingForm::MultiStorey,
        on,
    };
    let found = entitle_unit(&book, &case)?;
    let register = Register::shipped()?;
    for ruling in &found.rulings {
        let what = Text2::new(
            &format!("编制 {} 人，基本办公用房 {} 平方米", found.posts, found.basic),
            &format!("{} posts, {} m² of basic offices", found.posts, found.basic),
        );
        act.decisions.push(decision(&register, ruling, what));
    }
    Ok(Some(found))
}

/// A decision in the words of the register.
pub(super) fn decision(register: &Register, ruling: &Ruling, found: Text2) -> Decision {
    let (title, unit) = register.set_words(&ruling.code);
    Decision::new(ruling, title, unit, found)
}

/// Posts 编制 of a body by rank, from a day on.
pub(super) async fn establish(act: &mut Act<'_>) -> Result<()> {
    let org = act.must_org("org")?;
    let from = act.day("from").unwrap_or(act.today);
    let level = seat::org_context(act.tx, org).await?.level;
    let of = |line: &Json| {
        Some(PostEntry {
            level: level.clone(),
            rank: line.get("rank")?.as_str()?.to_owned(),
            posts: i32::try_from(line.get("posts")?.as_i64()?).ok()?,
        })
    };
    let posts: Vec<PostEntry> = act.lines().iter().filter_map(of).collect();
    let posting = act.posting("establish");
    seat::set_posts(act.tx, act.viewer, &posting, org, from, &posts).await
}

/// The limit of somebody's rank on the day it begins, and whether the person then has more.
pub(super) async fn judge_person(act: &mut Act<'_>) -> Result<()> {
    let org = act.must_org("org")?;
    let on = act.day("from").unwrap_or(act.today);
    let context = seat::org_context(act.tx, org).await?;
    let (staff_no, rank) = (said(act, "staff_no"), said(act, "rank"));
    let held = seat::held_by(act.tx, org, &staff_no, on).await? + act.cm2("area").unwrap_or(0);
    let book = book_in(act.tx).await?;
    let case = PersonCase {
        region: &context.region,
        level: &context.level,
        rank: &rank,
        on,
        held: m2_decimal(held),
    };
    let finding = match check_person(&book, &case) {
        Ok(finding) => finding,
        Err(ModuleError::NoStandard { level, .. }) => {
            return Err(ModuleError::Invalid(vec![FieldFault::new(
                "body.rank",
                None,
                &format!("职级与单位的机关层级（{}）不符", Register::shipped()?.words(&level).zh),
                &format!("the rank does not belong to the level of the organisation ({level})"),
            )]));
        }
        Err(error) => return Err(error),
    };
    let found = if finding.is_over {
        Text2::new(
            &format!(
                "合计 {} 平方米，超标 {} 平方米",
                finding.held.normalize(),
                finding.excess.normalize()
            ),
            &format!(
                "has {} m², {} m² above it",
                finding.held.normalize(),
                finding.excess.normalize()
            ),
        )
    } else {
        Text2::new(
            &format!("合计 {} 平方米，未超标", finding.held.normalize()),
            &format!("has {} m², within it", finding.held.normalize()),
        )
    };
    act.set("limit", json!(finding.ruling.limit.to_string()));
    act.decisions.push(decision(&Register::shipped()?, &finding.ruling, found));
    Ok(())
}

/// Somebody sits in a room of the organisation from a day on.
pub(super) async fn occupy(act: &mut Act<'_>) -> Result<()> {
    let org = act.must_org("org")?;
    let level = seat::org_context(act.tx, org).await?.level;
    let room =
        act.places.first().copied().ok_or_else(|| crate::document::lacking("feature_ids"))?;
    let seat = Seat {
        room,
        org,
        staff_no: said(act, "staff_no"),
        name: said(act, "name"),
        level,
        rank: said(act, "rank"),
        cm2: act.cm2("area").ok_or_else(|| crate::document::lacking("area"))?,
        during: act.period("from", "until")?,
    };
    let staff = BTreeSet::from([(org, seat.staff_no.clone())]);
    let posting = act.posting("occupy");
    seat::post(act.tx, act.viewer, &posting, &[seat]).await?;
    shared::judge_people(act, &staff).await
}

/// The person leaves the room.
pub(super) async fn leave(act: &mut Act<'_>) -> Result<()> {
    let org = act.must_org("org")?;
    let staff_no = said(act, "staff_no");
    vacate(act, org, Some(&staff_no)).await
}

/// 腾退验收: one person leaves, or the whole organisation gives the rooms back.
pub(super) async fn reclaim(act: &mut Act<'_>) -> Result<()> {
    let org = act.must_org("org")?;
    let staff_no = act.text("staff_no").map(str::to_owned);
    vacate(act, org, staff_no.as_deref()).await?;
    if staff_no.is_some() {
        return Ok(());
    }
    let on = act.day("on").unwrap_or(act.today);
    let rooms: BTreeSet<FeatureId> = act.places.iter().copied().collect();
    let held = crate::space::hold(act.tx, &rooms).await?;
    let entries: Vec<_> = held
        .iter()
        .flat_map(|(room, state)| crate::space::release(*room, state, org, on))
        .collect();
    shared::post(act, "release", &entries).await
}

async fn vacate(act: &mut Act<'_>, org: OrgId, staff_no: Option<&str>) -> Result<()> {
    let on = act.day("on").unwrap_or(act.today);
    let rooms: BTreeSet<FeatureId> = act.places.iter().copied().collect();
    let leaving = seat::leaving(act.tx, &rooms, org, staff_no, on).await?;
    let posting = act.posting("leave");
    seat::post(act.tx, act.viewer, &posting, &leaving).await?;
    let staff = leaving.into_iter().map(|s| (s.org, s.staff_no)).collect();
    shared::judge_people(act, &staff).await
}

fn said(act: &Act<'_>, field: &str) -> String {
    act.text(field).unwrap_or_default().to_owned()
}
