//! What a person and a body may use, by 党政机关办公用房建设标准 (发改投资〔2014〕2674号) as it is on file on the day asked
//! about. Areas are usable square metres 使用面积 unless they say gross 建筑面积.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use time::Date;

use crate::Result;
use crate::standard::{Book, Question, Ruling, to_hundredths};

/// A person's offices on a day.
#[derive(Debug, Clone, Copy)]
pub struct PersonCase<'a> {
    /// Where the body is, by GB/T 2260.
    pub region: &'a str,
    /// The level of the body.
    pub level: &'a str,
    /// The rank of the post.
    pub rank: &'a str,
    /// The day.
    pub on: Date,
    /// Square metres in all buildings together: of each room the person's share.
    pub held: Decimal,
}

/// What the check of a person found, with the row it used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonFinding {
    /// The limit and its source.
    pub ruling: Ruling,
    /// What the person has, square metres.
    pub held: Decimal,
    /// What is above the limit; 0 if nothing is.
    pub excess: Decimal,
    /// 超标: above a limit that is enforced.
    pub is_over: bool,
}

/// Compares what a person has with the limit of the rank (第十二条 表3).
pub fn check_person(book: &Book, case: &PersonCase<'_>) -> Result<PersonFinding> {
    let ruling = book.rule(&Question {
        code: "office.person_area",
        region: case.region,
        level: case.level,
        rank: case.rank,
        on: case.on,
        x: Decimal::ONE,
    })?;
    let excess = (case.held - ruling.limit).max(Decimal::ZERO);
    let is_over = ruling.is_enforced && excess > Decimal::ZERO;
    Ok(PersonFinding { ruling, held: case.held, excess, is_over })
}

/// The form of a building, which decides how much of it can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BuildingForm {
    /// 多层.
    MultiStorey,
    /// 高层.
    HighRise,
}

impl BuildingForm {
    fn code(self) -> &'static str {
        match self {
            Self::MultiStorey => "multi_storey",
            Self::HighRise => "high_rise",
        }
    }
}

/// A body and its authorised posts 编制定员 on a day.
#[derive(Debug, Clone, Copy)]
pub struct UnitCase<'a> {
    /// Where the body is, by GB/T 2260.
    pub region: &'a str,
    /// The level of the body.
    pub level: &'a str,
    /// Rank and number of posts.
    pub posts: &'a [(&'a str, u32)],
    /// The building that it is or will be in.
    pub form: BuildingForm,
    /// The day.
    pub on: Date,
}

/// What a body may use, square metres to two places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnitEntitlement {
    /// Authorised posts.
    pub posts: u32,
    /// 办公室.
    pub offices: Decimal,
    /// 服务用房.
    pub service: Decimal,
    /// 设备用房.
    pub equipment: Decimal,
    /// 基本办公用房: the three together.
    pub basic: Decimal,
    /// Their gross area 建筑面积 at most.
    pub gross: Decimal,
    /// The canteen's 食堂 gross area at most; it is apart from the gross area above.
    pub canteen: Decimal,
    /// Every row that was used, in the order of use.
    pub rulings: Vec<Ruling>,
}

/// Adds up what a body may use: offices by rank, service rooms by posts (第十三条 表4), equipment rooms as a share of both,
/// and the gross area by the usable ratio 使用面积系数 of the building's form.
pub fn entitle_unit(book: &Book, case: &UnitCase<'_>) -> Result<UnitEntitlement> {
    let posts: u32 = case.posts.iter().map(|(_, count)| count).sum();
    let x = Decimal::from(posts);
    let mut rulings = Vec::new();
    let mut limit = |code, rank| -> Result<Decimal> {
        let UnitCase { region, level, on, .. } = *case;
        let ruling = book.rule(&Question { code, region, level, rank, on, x })?;
        let limit = ruling.limit;
        rulings.push(ruling);
        Ok(limit)
    };
    let mut offices = Decimal::ZERO;
    for (rank, count) in case.posts {
        offices += limit("office.person_area", rank)? * Decimal::from(*count);
    }
    let service = limit("office.service_area", "")? * x;
    let equipment = limit("office.equipment_ratio", "")? * (offices + service);
    let basic = offices + service + equipment;
    let gross = basic / limit("office.usable_ratio", case.form.code())?;
    let canteen = limit("office.canteen_area", "")?;
    Ok(UnitEntitlement {
        posts,
        offices: to_hundredths(offices),
        service: to_hundredths(service),
        equipment: to_hundredths(equipment),
        basic: to_hundredths(basic),
        gross: to_hundredths(gross),
        canteen: to_hundredths(canteen),
        rulings,
    })
}
