//! The standards on file, and the worked cases that are published with them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use modules::{Book, ModuleError, list_standards, publish_standards, read_standards};
use modules::{BuildingForm, PersonCase, UnitCase, check_person, entitle_unit};
use rust_decimal::Decimal;
use support::World;
use time::Date;
use time::macros::date;

const TODAY: Date = date!(2026 - 11 - 24);

async fn book(world: &World) -> Book {
    publish_standards(&world.store).await.unwrap();
    read_standards(&world.store, &world.our_viewer()).await.unwrap()
}

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[tokio::test]
async fn the_worked_examples_come_out_to_the_last_digit() {
    let book = book(&World::create().await).await;
    let posts = [
        ("city_head", 1),
        ("city_deputy", 4),
        ("city_bureau_head", 10),
        ("city_bureau_deputy", 20),
        ("city_staff", 265),
    ];
    let mut case = UnitCase {
        region: "370100",
        level: "city",
        posts: &posts,
        form: BuildingForm::MultiStorey,
        on: TODAY,
    };
    let found = entitle_unit(&book, &case).unwrap();
    assert_eq!(
        (
            found.posts,
            found.offices,
            found.service,
            found.equipment,
            found.basic,
            found.gross,
            found.canteen
        ),
        (300, d("3147"), d("2100"), d("472.23"), d("5719.23"), d("8798.82"), d("890"))
    );
    let cited: Vec<&str> = found.rulings.iter().map(|r| r.citation.as_str()).collect();
    assert_eq!(cited[0], "发改投资〔2014〕2674号第十二条 表3");
    assert!(found.rulings.iter().all(|r| r.is_enforced && r.standard_param_id > 0));

    let posts = [("city_bureau_head", 1), ("city_bureau_deputy", 3), ("city_staff", 296)];
    case.posts = &posts;
    let found = entitle_unit(&book, &case).unwrap();
    assert_eq!(
        (found.offices, found.service, found.equipment, found.gross),
        (d("2742"), d("2100"), d("435.78"), d("8119.66"))
    );
    case.form = BuildingForm::HighRise;
    assert_eq!(entitle_unit(&book, &case).unwrap().gross, d("8796.30"));
}

#[tokio::test]
async fn one_person_on_two_days_is_judged_by_two_editions() {
    let book = book(&World::create().await).await;
    let mut case = PersonCase {
        region: "370100",
        level: "city",
        rank: "city_head",
        on: date!(2014 - 11 - 23),
        held: d("40.5"),
    };
    let before = check_person(&book, &case).unwrap();
    assert_eq!((before.ruling.limit, before.excess, before.is_over), (d("32"), d("8.5"), true));
    assert_eq!(before.ruling.citation, "计投资〔1999〕2250号");
    case.on = date!(2014 - 11 - 24);
    let after = check_person(&book, &case).unwrap();
    assert_eq!((after.ruling.limit, after.excess, after.is_over), (d("42"), d("0"), false));
    // A superseded figure never comes back, on no later day.
    for year in 2015..2040 {
        case.on = Date::from_ordinal_date(year, 1).unwrap();
        assert_eq!(check_person(&book, &case).unwrap().ruling, after.ruling);
    }
}

#[tokio::test]
async fn every_rank_has_the_figure_of_the_table() {
    let book = book(&World::create().await).await;
    for (level, figures) in [
        (
            "central",
            &[
                ("minister", 54),
                ("vice_minister", 42),
                ("central_bureau_head", 24),
                ("central_staff", 9),
            ][..],
        ),
        (
            "province",
            &[("province_head", 54), ("province_bureau_head", 30), ("province_bureau_deputy", 24)],
        ),
        (
            "county",
            &[
                ("county_head", 30),
                ("county_deputy", 24),
                ("county_section_head", 18),
                ("county_staff", 9),
            ],
        ),
    ] {
        for (rank, figure) in figures {
            let case = PersonCase { region: "370102", level, rank, on: TODAY, held: Decimal::ZERO };
            assert_eq!(
                check_person(&book, &case).unwrap().ruling.limit,
                Decimal::from(*figure),
                "{rank}"
            );
        }
    }
    let case = PersonCase {
        region: "370102",
        level: "city",
        rank: "minister",
        on: TODAY,
        held: Decimal::ZERO,
    };
    assert!(matches!(check_person(&book, &case), Err(ModuleError::NoStandard { .. })));
}

#[tokio::test]
async fn publishing_again_changes_nothing_and_a_changed_row_is_refused() {
    let world = World::create().await;
    let first = book(&world).await;
    let again = book(&world).await;
    assert_eq!(first.rows(), again.rows());
    let sets = list_standards(&world.store, &world.our_viewer(), TODAY).await.unwrap();
    let person = &sets[0];
    assert_eq!(
        (person.code.as_str(), person.title.zh.as_str()),
        ("office.person_area", "每人办公室使用面积上限")
    );
    let city_head: Vec<_> = person
        .items
        .iter()
        .filter(|i| i.rank.as_ref().is_some_and(|r| r.code == "city_head"))
        .map(|i| (i.is_in_force, i.valid_to))
        .collect();
    assert_eq!(city_head, [(true, None), (false, Some(date!(2014 - 11 - 23)))]);

    world
        .as_superuser(
            r#"update standard_param set value = '{"limit": "99"}' where rank = 'city_head' and upper(valid) is null"#,
        )
        .await;
    let refused = publish_standards(&world.store).await;
    assert!(
        matches!(&refused, Err(ModuleError::StandardChanged(rows)) if rows.len() == 1 && rows[0].contains("city_head")),
        "{refused:?}"
    );
}
