//! `onemap demo`: everything a newcomer needs to see, on data that are fictional and say so.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use gis_data::demo::{City, CityPlan, generate};
use gis_data::{FeatureId, Store, seed};
use modules::{DemoPlaces, Engine};
use tokio_util::sync::CancellationToken;

use crate::args::{CitySize, DemoArgs};
use crate::commands::{migrate, simulate};
use crate::config::Config;
use crate::identity::{DEMO_ACCOUNTS, ensure_demo_accounts};
use crate::wire;

/// How many repair tickets an empty demo gets.
const REPAIRS: usize = 24;

/// Where the demo's JT/T 808 terminals connect.
const JT808: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8808);

pub(crate) async fn run(mut config: Config, args: DemoArgs) -> anyhow::Result<()> {
    config.jt808_listen.get_or_insert(JT808);
    migrate::run(&config).await?;
    let store = Store::connect(&config.database_url).await?;
    let plan = plan(args.city);
    let city = tokio::task::spawn_blocking(move || generate(&plan)).await?;
    if seed::is_empty(&store).await? {
        fill(&config, &store, &city).await?;
    }
    ensure_demo_accounts(&store, &args.password).await.context("make the demo accounts")?;
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{}", config.listen);
    let accounts: Vec<&str> = DEMO_ACCOUNTS.iter().map(|a| a.login).collect();
    let sign_in = format!("{}，密码 {}", accounts.join("、"), args.password);
    let password: Arc<str> = Arc::from(args.password.as_str());
    let publisher = config.clone();
    let driving = CancellationToken::new();
    let stop = driving.clone();
    let served = wire::serve(config, Some(password), move |served| {
        tracing::info!("示例数据（虚构）已就绪，请打开 {url} ；大屏：{url}/screen （Ctrl-C 退出）");
        tracing::info!("示例账号：{sign_in}");
        if args.vehicles > 0 {
            let broker_url = publisher.feeder_url(&served.identity);
            tokio::spawn(async move {
                if let Err(error) =
                    simulate::drive(broker_url, &city, args.vehicles, 1.0, stop).await
                {
                    tracing::error!("the simulated vehicles stopped: {error:#}");
                }
            });
        }
    })
    .await;
    driving.cancel();
    served
}

/// The plan of a size.
pub(crate) fn plan(size: CitySize) -> CityPlan {
    let size = match size {
        CitySize::Full => gis_data::demo::CitySize::Full,
        CitySize::Small => gis_data::demo::CitySize::Small,
    };
    CityPlan { size, ..CityPlan::default() }
}

async fn fill(config: &Config, store: &Store, city: &City) -> anyhow::Result<()> {
    let started = Instant::now();
    seed::fill(store, city).await.context("write the demo city")?;
    let places: Vec<FeatureId> = seed::sample_rooms(store, REPAIRS).await?;
    let engine = Engine::new(store.clone(), config.registry()?);
    let places = DemoPlaces { rooms: places, clerk: None };
    engine.seed_demo(&places).await.context("write the demo documents")?;
    tracing::info!(
        "the demo city is written: {} buildings, {} rooms, {} parcels, {} vehicles in {:.1} s",
        city.buildings.len(),
        city.rooms.len(),
        city.parcels.len(),
        city.vehicles.len(),
        started.elapsed().as_secs_f64()
    );
    Ok(())
}
