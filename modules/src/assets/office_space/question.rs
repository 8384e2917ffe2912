//! What people ask of office space: who uses a room, how a building is stacked, what is vacant near here, who has too much,
//! what a body may have, and whether ledger, drawing and certificate agree.

use std::collections::BTreeMap;

use gis_data::{FeatureId, OrgId, Personal, Text2, Viewer};
use rust_decimal::Decimal;
use serde::Serialize;
use time::{Date, OffsetDateTime};

use super::entitlement::{BuildingForm, UnitCase, UnitEntitlement, entitle_unit};
use super::logic::{decision, m2_decimal};
use super::queries;
use crate::document::Decision;
use crate::document::queries::place_names;
use crate::engine::Engine;
use crate::ledger::seat;
use crate::standard::{Question, Register, book_in};
use crate::{DocId, Result};

/// A room in the ledger.
#[derive(Debug, Clone, Serialize)]
pub struct RoomLedger {
    /// The day.
    pub at: String,
    /// Usable area, m²; none if it is not registered.
    pub area_m2: Option<Decimal>,
    /// What nobody uses.
    pub free_m2: Option<Decimal>,
    /// Who uses how much.
    pub uses: Vec<Use>,
    /// Who sits there.
    pub people: Vec<PersonInRoom>,
    /// Every entry, the newest first.
    pub entries: Vec<LedgerEntry>,
}

/// A use.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "as the contract names them; areas in m², days as text")]
pub struct Use {
    pub org_id: OrgId,
    pub org: String,
    pub color: String,
    pub m2: Decimal,
    pub from: String,
    pub until: Option<String>,
}

/// Somebody in a room.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "as the contract names them; areas in m², days as text")]
pub struct PersonInRoom {
    pub staff_no: String,
    pub name: String,
    pub rank: Text2,
    pub m2: Decimal,
    pub org: String,
    pub from: String,
    pub until: Option<String>,
}

/// An entry.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
#[expect(missing_docs, reason = "as the contract names them; areas in m², days as text")]
pub struct LedgerEntry {
    #[serde(with = "time::serde::rfc3339")]
    pub posted_at: OffsetDateTime,
    pub doc_id: DocId,
    pub number: Option<String>,
    pub kind: String,
    pub purpose: String,
    pub actor: String,
    pub actor_name: String,
    pub org: Option<String>,
    pub m2: f64,
    #[sqlx(rename = "begins")]
    pub from: String,
    #[sqlx(rename = "ends")]
    pub until: Option<String>,
}

/// A floor of a stacking plan 楼层堆叠图.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "as the contract names them; areas in m²")]
pub struct FloorStack {
    pub feature_id: FeatureId,
    pub ordinal: i16,
    pub name: String,
    pub area_m2: f64,
    pub vacant_m2: f64,
    pub unregistered_m2: f64,
    pub orgs: Vec<OrgArea>,
}

/// What an organisation uses of a floor.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "as the contract names them; areas in m²")]
pub struct OrgArea {
    pub org_id: OrgId,
    pub name: String,
    pub color: String,
    pub m2: f64,
}

/// A room in which ledger and drawing are compared 账实核对.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
#[expect(missing_docs, reason = "as the contract names them; areas in m²")]
pub struct Reconciled {
    pub feature_id: FeatureId,
    pub name: String,
    pub kind: String,
    pub ledger_m2: Option<f64>,
    pub drawing_m2: Option<f64>,
    pub certificate_m2: Option<f64>,
    pub difference_m2: f64,
    pub agrees: bool,
}

/// A planner's question: which vacant rooms fit so many people of a body near a place.
#[derive(Debug, Clone)]
pub struct VacantQuestion {
    /// How many people.
    pub people: u32,
    /// Of which body: its level and region decide the limit.
    pub org: OrgId,
    /// Of which rank; the lowest of the level by default.
    pub rank: Option<String>,
    /// Near which place.
    pub near: Option<FeatureId>,
    /// Within so many metres.
    pub radius_m: f64,
    /// On which day.
    pub on: Date,
}

/// The answer.
#[derive(Debug, Clone, Serialize)]
pub struct Vacancy {
    /// What the people need together, m².
    pub needed_m2: Decimal,
    /// By which limit.
    pub ruling: Decision,
    /// Rooms with something free, the nearest first.
    pub items: Vec<VacantRoom>,
}

/// A room with something free.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
#[expect(missing_docs, reason = "as the contract names them; areas in m², distances in m, degrees")]
pub struct VacantRoom {
    pub feature_id: FeatureId,
    pub name: String,
    pub building: String,
    pub use_kind: String,
    pub free_m2: f64,
    pub seats: i64,
    pub distance_m: Option<f64>,
    pub lon: f64,
    pub lat: f64,
}

/// Somebody who has too much.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "as the contract names them; areas in m²")]
pub struct OverLine {
    pub staff_no: String,
    pub name: String,
    pub org_id: OrgId,
    pub org: String,
    pub level: Text2,
    pub rank: Text2,
    pub held_m2: Decimal,
    pub limit_m2: Decimal,
    pub excess_m2: Decimal,
    pub decision: Decision,
    pub rooms: Vec<RoomPart>,
}

/// Somebody's part of a room.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "as the contract names them; areas in m²")]
pub struct RoomPart {
    pub feature_id: FeatureId,
    pub name: String,
    pub m2: Decimal,
}

/// What a body may have and has.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "as the contract names them; areas in m²")]
pub struct Entitlement {
    #[serde(flatten)]
    pub entitled: UnitEntitlement,
    pub held_m2: Decimal,
    pub excess_m2: Decimal,
    pub decisions: Vec<Decision>,
}

impl Engine {
    /// Who uses a room on a day, and how that came about.
    pub async fn room_ledger(
        &self,
        viewer: &Viewer,
        room: FeatureId,
        at: Date,
    ) -> Result<RoomLedger> {
        let mut tx = self.begin(viewer).await?;
        let register = Register::shipped()?;
        let balance = queries::balance_of(&mut tx, room, at).await?;
        let area: Option<i64> = balance.iter().find(|b| b.org_id.is_none()).map(|b| b.cm2);
        let taken: i64 = balance.iter().filter(|b| b.org_id.is_some()).map(|b| b.cm2).sum();
        let uses = balance.iter().filter_map(|b| {
            Some(Use {
                org_id: b.org_id?,
                org: b.org.clone().unwrap_or_default(),
                color: b.color.clone().unwrap_or_default(),
                m2: m2_decimal(b.cm2).normalize(),
                from: b.begins.to_string(),
                until: b.ends.map(|d| d.to_string()),
            })
        });
        let uses: Vec<Use> = uses.collect();
        let scope = queries::scope_of(&mut tx, room).await?;
        let seats = seat::in_room(&mut tx, room, at).await?;
        let orgs: BTreeMap<i64, String> =
            queries::org_names(&mut tx, seats.iter().map(|s| s.org.0).collect()).await?;
        let people = seats.into_iter().map(|s| PersonInRoom {
            name: scope.map_or_else(String::new, |scope| {
                viewer.shown(Personal::Name, scope, &s.name).into_owned()
            }),
            rank: register.words(&s.rank),
            m2: m2_decimal(s.cm2).normalize(),
            org: orgs.get(&s.org.0).cloned().unwrap_or_default(),
            from: s.during.from.to_string(),
            until: s.during.until.map(|d| d.to_string()),
            staff_no: s.staff_no,
        });
        let people = people.collect();
        let entries = queries::entries_of(&mut tx, room).await?;
        Ok(RoomLedger {
            at: at.to_string(),
            area_m2: area.map(|a| m2_decimal(a).normalize()),
            free_m2: area.map(|a| m2_decimal(a - taken).normalize()),
            uses,
            people,
            entries,
        })
    }

    /// The floors of a building with what each organisation uses of them, the top floor first.
    pub async fn stacking(
        &self,
        viewer: &Viewer,
        building: FeatureId,
        at: Date,
    ) -> Result<Vec<FloorStack>> {
        let mut tx = self.begin(viewer).await?;
        let mut floors: Vec<FloorStack> = Vec::new();
        for row in queries::stacking(&mut tx, building, at).await? {
            if floors.last().is_none_or(|f| f.feature_id != row.floor_id) {
                floors.push(FloorStack {
                    feature_id: row.floor_id,
                    ordinal: row.ordinal,
                    name: row.name.clone(),
                    area_m2: row.area_m2,
                    vacant_m2: row.area_m2,
                    unregistered_m2: row.unregistered_m2,
                    orgs: Vec::new(),
                });
            }
            if let (Some(floor), Some(org_id), Some(m2)) = (floors.last_mut(), row.org_id, row.m2) {
                floor.vacant_m2 = (floor.vacant_m2 - m2).max(0.0);
                floor.orgs.push(OrgArea {
                    org_id,
                    name: row.org.unwrap_or_default(),
                    color: row.color.unwrap_or_default(),
                    m2,
                });
            }
        }
        Ok(floors)
    }

    /// Ledger, drawing and certificate of a building and its rooms.
    pub async fn reconciliation(
        &self,
        viewer: &Viewer,
        building: FeatureId,
    ) -> Result<Vec<Reconciled>> {
        let mut tx = self.begin(viewer).await?;
        queries::reconciliation(&mut tx, building).await
    }

    /// Which vacant rooms fit so many people of a body near a place.
    pub async fn vacant(&self, viewer: &Viewer, asked: &VacantQuestion) -> Result<Vacancy> {
        let mut tx = self.begin(viewer).await?;
        let context = seat::org_context(&mut tx, asked.org).await?;
        let book = book_in(&mut tx).await?;
        let rank = asked.rank.clone().unwrap_or_else(|| format!("{}_staff", context.level));
        let ruling = book.rule(&Question {
            code: "office.person_area",
            region: &context.region,
            level: &context.level,
            rank: &rank,
            on: asked.on,
            x: Decimal::ONE,
        })?;
        let needed = ruling.limit * Decimal::from(asked.people);
        let register = Register::shipped()?;
        let words = register.words(&rank);
        let found = Text2::new(
            &format!("{} × {} 人 = {} 平方米", words.zh, asked.people, needed.normalize()),
            &format!("{} × {} people = {} m²", words.en, asked.people, needed.normalize()),
        );
        let items = queries::vacant(&mut tx, viewer, asked, ruling.limit).await?;
        Ok(Vacancy {
            needed_m2: needed.normalize(),
            ruling: decision(&register, &ruling, found),
            items,
        })
    }

    /// Who has more than the rank allows today.
    pub async fn over_standard(
        &self,
        viewer: &Viewer,
        org: Option<OrgId>,
    ) -> Result<Vec<OverLine>> {
        let mut tx = self.begin(viewer).await?;
        let register = Register::shipped()?;
        let book = book_in(&mut tx).await?;
        let rows = queries::over(&mut tx, org).await?;
        let rooms: Vec<i64> = rows.iter().map(|r| r.feature_id.0).collect();
        let names = place_names(&mut tx, viewer, &rooms).await?;
        let mut lines: Vec<OverLine> = Vec::new();
        for row in rows {
            let part = RoomPart {
                feature_id: row.feature_id,
                name: names.get(&row.feature_id).map(|n| n.1.clone()).unwrap_or_default(),
                m2: m2_decimal(row.room_cm2).normalize(),
            };
            if let Some(last) =
                lines.last_mut().filter(|l| l.org_id == row.org_id && l.staff_no == row.staff_no)
            {
                last.rooms.push(part);
                continue;
            }
            let Some(standard) = book.rows().iter().find(|s| s.param_id == row.standard_param_id)
            else {
                continue;
            };
            let excess = m2_decimal(row.held_cm2 - row.limit_cm2).normalize();
            let ruling = crate::Ruling {
                standard_param_id: standard.param_id,
                code: standard.code.clone(),
                limit: m2_decimal(row.limit_cm2).normalize(),
                is_enforced: standard.is_enforced(),
                citation: format!("{}{}", standard.document, standard.clause),
                document: standard.document.clone(),
                clause: standard.clause.clone(),
                valid_from: standard.from,
            };
            let found =
                Text2::new(&format!("超标 {excess} 平方米"), &format!("{excess} m² above it"));
            lines.push(OverLine {
                name: viewer.shown(Personal::Name, row.scope_id, &row.name).into_owned(),
                staff_no: row.staff_no,
                org_id: row.org_id,
                org: row.org,
                level: register.words(&row.level),
                rank: register.words(&row.rank),
                held_m2: m2_decimal(row.held_cm2).normalize(),
                limit_m2: m2_decimal(row.limit_cm2).normalize(),
                excess_m2: excess,
                decision: decision(&register, &ruling, found),
                rooms: vec![part],
            });
        }
        lines.sort_by_key(|line| std::cmp::Reverse(line.excess_m2));
        Ok(lines)
    }

    /// What a body may have by its posts, and what it has.
    pub async fn entitlement(
        &self,
        viewer: &Viewer,
        org: OrgId,
        form: BuildingForm,
        on: Date,
    ) -> Result<Entitlement> {
        let mut tx = self.begin(viewer).await?;
        let context = seat::org_context(&mut tx, org).await?;
        let posts = seat::posts_of(&mut tx, org, on).await?;
        let counted: Vec<(&str, u32)> = posts
            .iter()
            .map(|(_, rank, n)| (rank.as_str(), u32::try_from(*n).unwrap_or(0)))
            .collect();
        let book = book_in(&mut tx).await?;
        let case =
            UnitCase { region: &context.region, level: &context.level, posts: &counted, form, on };
        let entitled = entitle_unit(&book, &case)?;
        let register = Register::shipped()?;
        let what = Text2::new(
            &format!("编制 {} 人", entitled.posts),
            &format!("{} posts", entitled.posts),
        );
        let decisions =
            entitled.rulings.iter().map(|r| decision(&register, r, what.clone())).collect();
        let held = m2_decimal(queries::held_by_org(&mut tx, org, on).await?);
        let excess = (held - entitled.basic).max(Decimal::ZERO).normalize();
        Ok(Entitlement { entitled, held_m2: held.normalize(), excess_m2: excess, decisions })
    }
}
