//! What people do with rooms, as entries of one posting. Nothing here touches the database: whether the entries fit, the
//! posting finds out under its locks.

use std::collections::BTreeSet;

use gis_data::{FeatureId, OrgId};
use time::Date;

use super::room::{Account, Entry, Room, SpaceFault};
use super::timeline::{Period, Timeline};

/// A room as large as it was measured, from a day on 登记.
pub fn register(room: FeatureId, cm2: i64, on: Date) -> Vec<Entry> {
    vec![Entry { room, account: Account::Area, cm2, during: Period::since(on) }]
}

/// So much of a room for an organisation 配置.
pub fn allocate(room: FeatureId, org: OrgId, cm2: i64, during: Period) -> Vec<Entry> {
    vec![Entry { room, account: Account::Use(org), cm2, during }]
}

/// All that an organisation uses of a room ends before a day 腾退.
pub fn release(room: FeatureId, held: &Room, org: OrgId, on: Date) -> Vec<Entry> {
    let pieces = held.uses.get(&org).map(Timeline::pieces).unwrap_or_default();
    rest_of(&pieces, on)
        .map(|(during, cm2)| Entry { room, account: Account::Use(org), cm2: -cm2, during })
        .collect()
}

/// All that an organisation uses of a room it uses of another one instead, from a day on 调整.
pub fn move_to(from: FeatureId, held: &Room, org: OrgId, to: FeatureId, on: Date) -> Vec<Entry> {
    let leaves = release(from, held, org, on);
    let enters = leaves.iter().map(|entry| Entry { room: to, ..entry.reversed() });
    enters.chain(leaves.iter().copied()).collect()
}

/// A room becomes several on a day 拆分; its users stay in all of them, each part taking its share of each.
///
/// No square centimetre is lost: every piece of use is cut into whole numbers that add up to it and fit.
pub fn split(
    room: FeatureId,
    held: &Room,
    parts: &[(FeatureId, i64)],
    on: Date,
) -> Result<Vec<Entry>, SpaceFault> {
    let has = held.steady_area(room, on)?;
    let sum: i64 = parts.iter().map(|part| part.1).sum();
    if sum != has || parts.iter().any(|part| part.1 <= 0) {
        return Err(SpaceFault::Uneven { room, has, parts: sum });
    }
    let during = Period::since(on);
    let mut entries = vec![Entry { room, account: Account::Area, cm2: -has, during }];
    entries.extend(parts.iter().flat_map(|&(part, cm2)| register(part, cm2, on)));
    for during in stretches(held, on) {
        let mut free: Vec<i64> = parts.iter().map(|part| part.1).collect();
        for (&org, line) in &held.uses {
            let used = line.on(during.from);
            if used == 0 {
                continue;
            }
            let account = Account::Use(org);
            entries.push(Entry { room, account, cm2: -used, during });
            for (&(part, _), cm2) in parts.iter().zip(take_evenly(&mut free, used)) {
                if cm2 != 0 {
                    entries.push(Entry { room: part, account, cm2, during });
                }
            }
        }
    }
    Ok(entries)
}

/// Several rooms become one on a day 合并; it is as large as they are together and has all their users.
pub fn merge(
    rooms: &[(FeatureId, &Room)],
    into: FeatureId,
    on: Date,
) -> Result<Vec<Entry>, SpaceFault> {
    let mut entries = Vec::new();
    for &(room, held) in rooms {
        let cm2 = held.steady_area(room, on)?;
        let during = Period::since(on);
        if cm2 != 0 {
            entries.push(Entry { room, account: Account::Area, cm2: -cm2, during });
            entries.push(Entry { room: into, account: Account::Area, cm2, during });
        }
        for (&org, line) in &held.uses {
            for (during, cm2) in rest_of(&line.pieces(), on) {
                let account = Account::Use(org);
                entries.push(Entry { room, account, cm2: -cm2, during });
                entries.push(Entry { room: into, account, cm2, during });
            }
        }
    }
    Ok(entries)
}

fn rest_of(pieces: &[(Period, i64)], on: Date) -> impl Iterator<Item = (Period, i64)> {
    pieces.iter().filter_map(move |(period, cm2)| Some((period.after(on)?, *cm2)))
}

/// The stretches from a day on in which no use of a room changes.
fn stretches(held: &Room, on: Date) -> Vec<Period> {
    let changes = held.uses.values().flat_map(Timeline::days).filter(|day| *day > on);
    let days: BTreeSet<Date> = changes.chain([on]).collect();
    let ends = days.iter().skip(1).copied().map(Some).chain([None]);
    days.iter().zip(ends).map(|(&from, until)| Period { from, until }).collect()
}

/// Cuts `amount` over parts by what is free in each, in whole numbers, and takes it from them. By largest remainder: a
/// part gets its share rounded down, or up where the rest goes, and neither is more than it has free.
fn take_evenly(free: &mut [i64], amount: i64) -> Vec<i64> {
    let all: i128 = free.iter().map(|f| i128::from(*f)).sum();
    let exact = |part: i64| i128::from(amount) * i128::from(part);
    let whole = |n: i128| i64::try_from(n).unwrap_or(i64::MAX);
    let mut shares: Vec<i64> = free.iter().map(|f| whole(exact(*f) / all.max(1))).collect();
    let mut order: Vec<usize> = (0..free.len()).collect();
    order.sort_by_key(|i| std::cmp::Reverse(free.get(*i).map_or(0, |f| exact(*f) % all.max(1))));
    let left = amount - shares.iter().sum::<i64>();
    for i in order.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        if let Some(share) = shares.get_mut(i) {
            *share += 1;
        }
    }
    for (f, share) in free.iter_mut().zip(&shares) {
        *f -= share;
    }
    shares
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn random_amounts_are_cut_without_loss(parts in proptest::collection::vec(1..2_000_000_i64, 1..9), tenths in 0..=10_i64) {
            let mut free = parts.clone();
            let amount = parts.iter().sum::<i64>() * tenths / 10;
            let shares = take_evenly(&mut free, amount);
            prop_assert_eq!(shares.iter().sum::<i64>(), amount);
            for ((share, part), free) in shares.iter().zip(&parts).zip(&free) {
                prop_assert!((0..=*part).contains(share) && *free == part - share);
                let exact = i128::from(amount) * i128::from(*part);
                let all = i128::from(parts.iter().sum::<i64>());
                prop_assert!((i128::from(*share) * all - exact).abs() < all, "nobody gets a whole cm² more than a share");
            }
        }
    }
}
