//! How soon the replay of a large fleet can begin, and how long until all of its day is there.

use std::time::{Duration, Instant};

use sqlx::Executor as _;
use time::format_description::well_known::Rfc3339;
use time::{Date, OffsetDateTime, Time};

use crate::ground::{Ground, Onemap};
use crate::{processes, setting};

/// Between two positions of a vehicle. Seconds.
const INTERVAL_S: i32 = 10;
const DAY_S: i32 = 86_400;
/// What the client asks for at a time of so many vehicles: see `web-map/src/replay/chunks.ts`.
const PIECE: Duration = Duration::from_hours(1);
const START_MS: f64 = 1_000.0;

/// Whether every position came.
pub(crate) async fn measure() -> bool {
    let vehicles: u32 = setting("ONEMAP_BENCH_TERMINALS", 200);
    let ground = Ground::with_vehicles(vehicles).await;
    let day = (OffsetDateTime::now_utc() - time::Duration::DAY).date();
    let ids = drive(&ground, day).await;
    let mut server = Onemap::serving(&ground.database.url).await;
    let cookie = server.sign_in("supervisor").await;
    let client = reqwest::Client::new();
    let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
    let (mut took_ms, mut bytes, mut positions) = (Vec::new(), 0, 0);
    let begins = day.with_time(Time::MIDNIGHT).assume_utc();
    for hour in 0..24_u32 {
        let from = begins + PIECE * hour;
        // The end belongs to the piece.
        let to = from + PIECE - Duration::from_millis(1);
        let [from, to] = [from, to].map(|moment| moment.format(&Rfc3339).unwrap());
        let asked = client
            .get(format!("{}/api/v1/tracks", server.base()))
            .query(&[("vehicles", ids.join(",")), ("from", from), ("to", to)])
            .header("cookie", &cookie);
        let began = Instant::now();
        let answer = asked.send().await.unwrap().error_for_status().unwrap();
        let piece = answer.bytes().await.unwrap();
        took_ms.push(began.elapsed().as_secs_f64() * 1e3);
        bytes += piece.len();
        positions += u32::from_le_bytes(piece[12..16].try_into().unwrap());
    }
    let (first, whole): (f64, f64) = (took_ms[0], took_ms.iter().sum());
    took_ms.sort_by(f64::total_cmp);
    println!(
        "\nreplay: {vehicles} vehicles, a day with a position each {INTERVAL_S} s, an hour of all of them at a time; {}\n  the first piece {first:.0} ms after the server was ready (a replay is to start within {START_MS:.0}); a piece p50 {:.0} ms, longest {:.0} ms; the day {whole:.0} ms, {positions} positions in {:.1} MB",
        processes::disk(&ground.database).await,
        took_ms[12],
        took_ms[23],
        bytes as f64 / 1e6,
    );
    server.end().await;
    let is_all = u64::from(positions) == u64::from(vehicles) * (DAY_S / INTERVAL_S) as u64;
    ground.leave(is_all).await;
    is_all
}

/// Lets every vehicle drive in circles all day, and answers their numbers.
async fn drive(ground: &Ground, day: Date) -> Vec<i64> {
    let mut psql = ground.database.psql().await;
    sqlx::query("select ensure_position_partition($1)").bind(day).execute(&mut psql).await.unwrap();
    sqlx::query(
        "insert into position (vehicle_id, fix_time, content_hash, lon, lat, speed_kmh, heading_deg, terminal_id, received_at)
         select vehicle_id, at, s, 105 + 0.05 * cos(s / 600.0 + vehicle_id), 36 + 0.05 * sin(s / 600.0 + vehicle_id),
             40, mod(s, 360), terminal_id, at
         from terminal, generate_series(0, $2 - 1, $3) s, lateral (select $1::date::timestamp at time zone 'UTC' + make_interval(secs => s) as at) t
         where terminal_id like 'bench-%'",
    )
    .bind(day)
    .bind(DAY_S)
    .bind(INTERVAL_S)
    .execute(&mut psql)
    .await
    .unwrap();
    psql.execute("analyze position").await.unwrap();
    sqlx::query_scalar(
        "select vehicle_id from terminal where terminal_id like 'bench-%' order by vehicle_id",
    )
    .fetch_all(&mut psql)
    .await
    .unwrap()
}
