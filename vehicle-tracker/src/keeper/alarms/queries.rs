//! The statements of alarms.

use std::collections::BTreeMap;

use gis_data::{FeatureId, Tx};
use sqlx::types::Json;

use crate::alarm::{Finding, Key};
use crate::error::{Result, TrackerError};
use crate::keeper::queries::moment;

/// What became certain after these moments is void until it is found again; of what was there before,
/// what was told after them is.
pub(in crate::keeper) async fn withdraw(tx: &mut Tx, void: &[(FeatureId, i64)]) -> Result<()> {
    if void.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "update alarm a set
            withdrawn_at = case when a.certain_ms > v.ms then coalesce(a.withdrawn_at, now()) end,
            ended_at = case when a.certain_ms > v.ms then a.ended_at end
        from unnest($1::bigint[], $2::bigint[]) v(vehicle_id, ms)
        where a.vehicle_id = v.vehicle_id and a.told_ms > v.ms",
    )
    .bind(void.iter().map(|(vehicle, _)| vehicle.0).collect::<Vec<_>>())
    .bind(void.iter().map(|(_, ms)| *ms).collect::<Vec<_>>())
    .execute(&mut **tx)
    .await
    .map_err(TrackerError::query("take alarms back"))?;
    Ok(())
}

/// Opens, updates and ends episodes; what people did about one stays as it is.
pub(in crate::keeper) async fn write(
    tx: &mut Tx,
    alarms: &[(FeatureId, i64, Finding)],
) -> Result<()> {
    if alarms.is_empty() {
        return Ok(());
    }
    // Of several findings about one episode the last counts, and the first says when it was certain.
    let mut episodes: BTreeMap<(FeatureId, &Key), (i64, i64, &Finding)> = BTreeMap::new();
    for (vehicle, ms, finding) in alarms {
        let episode = episodes.entry((*vehicle, &finding.key)).or_insert((*ms, *ms, finding));
        (episode.1, episode.2) = (*ms, finding);
    }
    let keys = || episodes.keys();
    let told = || episodes.values();
    sqlx::query(
        "insert into alarm as a (vehicle_id, rule, about, started_at, ended_at, level, place, evidence,
            certain_ms, told_ms)
        select vehicle_id, rule, about, started_at, ended_at, level,
            st_setsrid(st_makepoint(lon, lat), 4326), evidence, certain_ms, told_ms
        from unnest($1::bigint[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[],
            $6::smallint[], $7::float8[], $8::float8[], $9::jsonb[], $10::bigint[], $11::bigint[])
            n(vehicle_id, rule, about, started_at, ended_at, level, lon, lat, evidence, certain_ms,
              told_ms)
        on conflict (vehicle_id, rule, about, started_at) do update set
            ended_at = excluded.ended_at, level = excluded.level,
            place = coalesce(excluded.place, a.place), evidence = excluded.evidence,
            told_ms = excluded.told_ms, withdrawn_at = null,
            certain_ms = case when a.withdrawn_at is null then a.certain_ms
                else excluded.certain_ms end",
    )
    .bind(keys().map(|(vehicle, _)| vehicle.0).collect::<Vec<_>>())
    .bind(keys().map(|(_, key)| key.rule.as_str()).collect::<Vec<_>>())
    .bind(keys().map(|(_, key)| key.about.as_str()).collect::<Vec<_>>())
    .bind(keys().map(|(_, key)| moment(key.started_ms)).collect::<Vec<_>>())
    .bind(told().map(|(.., f)| f.ended_ms.map(moment)).collect::<Vec<_>>())
    .bind(told().map(|(.., f)| i16::from(f.level.0)).collect::<Vec<_>>())
    .bind(told().map(|(.., f)| f.place.map(gis_data::LonLat::lon)).collect::<Vec<_>>())
    .bind(told().map(|(.., f)| f.place.map(gis_data::LonLat::lat)).collect::<Vec<_>>())
    .bind(told().map(|(.., f)| Json(&f.evidence)).collect::<Vec<_>>())
    .bind(told().map(|(certain_ms, ..)| *certain_ms).collect::<Vec<_>>())
    .bind(told().map(|(_, told_ms, _)| *told_ms).collect::<Vec<_>>())
    .execute(&mut **tx)
    .await
    .map_err(TrackerError::query("write alarms"))?;
    Ok(())
}
