//! The composition root: siblings meet here and nowhere else.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use axum::ServiceExt;
use axum::extract::Request;
use gis_data::search::SearchIndex;
use gis_data::{Follower, LayerChange, Mirrors, Store, seed};
use modules::Engine;
use tiles::{Base, DirectLayer, Resident, Source, Tiles};
use time::macros::time;
use time::{OffsetDateTime, Time};
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use vehicle_tracker::archive::{self, Policy, Summary};
use vehicle_tracker::{Live, Tracker, TrackerConfig};

use crate::base;
use crate::config::Config;
use crate::icons::{self, IconBook};
use crate::identity::{self, BrokerDoor, Identity, Provider};
use crate::listener::{Peer, PromptListener};
use crate::live::FleetSource;
use crate::rate::Limits;
use crate::router;
use crate::state::{AppState, City};
use crate::tls::{TlsFiles, TlsListener};

/// Serves until told to end. The door is open at once; until the city is in memory it answers 503.
pub(crate) async fn serve(
    config: Config,
    demo_password: Option<Arc<str>>,
    ready: impl FnOnce(Arc<City>) + Send + 'static,
) -> anyhow::Result<()> {
    let tls = config.tls.as_ref().map(TlsFiles::load).transpose()?;
    if tls.is_none() && !config.listen.ip().is_loopback() {
        tracing::warn!(
            "serving plain HTTP on {}: passwords and sessions can be read on the way; put a TLS proxy in front",
            config.listen
        );
    }
    let state = AppState::new(Limits::new(config.requests_per_second), config.tls.is_some());
    tokio::spawn(keep_limits_small(state.clone()));
    let listener = TcpListener::bind(config.listen).await.with_context(|| {
        format!("listen on {}: is another server running there?", config.listen)
    })?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    tracing::info!("listening on {scheme}://{}", listener.local_addr()?);
    let listener = PromptListener(listener);
    let ending = state.ending.clone();
    let loading = {
        let (state, config) = (state.clone(), config.clone());
        tokio::spawn(async move {
            let loaded = load(&config, demo_password, &state).await;
            if loaded.is_err() {
                state.ending.cancel();
            }
            loaded.map(ready).context("cannot start")
        })
    };
    tokio::spawn({
        let ending = ending.clone();
        async move {
            told_to_end().await;
            tracing::info!("ending: finishing what was begun");
            ending.cancel();
        }
    });
    let is_ended = ending.clone();
    let service = ServiceExt::<Request>::into_make_service_with_connect_info::<Peer>(
        router::router(state.clone()),
    );
    let told = async move { is_ended.cancelled().await };
    let served = async move {
        match tls {
            Some(tls) => {
                let listener = TlsListener::start(listener, tls)?;
                axum::serve(listener, service).with_graceful_shutdown(told).await
            }
            None => axum::serve(listener, service).with_graceful_shutdown(told).await,
        }
    };
    tokio::select! {
        result = served => result.context("serve")?,
        () = async { ending.cancelled().await; tokio::time::sleep(Duration::from_secs(5)).await } => {}
    }
    if loading.is_finished() {
        loading.await.context("load")??;
    } else {
        loading.abort();
    }
    if let Some(city) = state.city()
        && let Some(tracker) = city.tracker.lock().await.take()
    {
        tracker.shutdown().await;
    }
    Ok(())
}

async fn load(
    config: &Config,
    demo_password: Option<Arc<str>>,
    state: &AppState,
) -> anyhow::Result<Arc<City>> {
    let bases: Arc<[Base]> = base::open(&config.bases)?.into();
    let provider = config.provider.as_ref().map(Provider::new).transpose()?;
    let store = connect(&config.database_url).await?;
    let identity =
        Arc::new(Identity::open_with(store.clone(), provider).await.context("open the accounts")?);
    tokio::spawn(identity::follow(Arc::clone(&identity)));
    let icons = Arc::new(IconBook::open(store.clone()).await.context("read the icons")?);
    tokio::spawn(icons::follow(Arc::clone(&icons)));
    let follower =
        Follower::start_within(store.clone(), &config.budget).await.context("load the layers")?;
    let (mirrors, changes) = (follower.mirrors(), follower.changes());
    let search = Arc::new(SearchIndex::of(&mirrors));
    tokio::spawn(keep_search(Arc::clone(&search), Arc::clone(&mirrors), changes.subscribe()));
    tokio::spawn(follower.run());
    let door = Arc::new(BrokerDoor(Arc::clone(&identity)));
    let tracking = TrackerConfig {
        jt808_listen: config.jt808_listen,
        ..TrackerConfig::new(config.broker.clone(), door)
    };
    let tracker =
        Tracker::start(store.clone(), tracking).await.context("start the vehicle tracker")?;
    let live = tracker.live();
    tokio::spawn(keep_vehicles_searchable(Arc::clone(&search), Arc::clone(&live)));
    let mut sources: Vec<Arc<dyn Source>> =
        Resident::all(&mirrors).into_iter().map(|r| Arc::new(r) as Arc<dyn Source>).collect();
    sources.extend(DirectLayer::all(&mirrors, &store).into_iter().map(|d| Arc::new(d) as _));
    sources.push(Arc::new(FleetSource::new(Arc::clone(&live))));
    sources.sort_by_key(|source| source.layer().ordinal);
    let known = |id: &String| sources.iter().any(|source| source.layer().layer_id == *id);
    if let Some(unknown) = config.mlt.iter().find(|id| !known(id)) {
        bail!("--mlt names {unknown}, and there is no such layer (没有图层“{unknown}”)");
    }
    let notice = seed::notice(&store).await?;
    let modules = engine(config, &store).await?;
    tokio::spawn(keep_modules(modules.clone()));
    tokio::spawn(keep_positions(store.clone(), config.positions.clone()));
    let hub = tracker.hub();
    let city = state.open(City {
        store,
        modules,
        identity,
        icons,
        mirrors,
        changes,
        search,
        tiles: Arc::new(Tiles::new(sources)),
        mlt: config.mlt.clone(),
        bases,
        live,
        hub,
        tracker: tokio::sync::Mutex::new(Some(tracker)),
        notice,
        demo_password,
    });
    tracing::info!("ready");
    Ok(city)
}

/// The engine of documents, if the database is as its definitions say.
async fn engine(config: &Config, store: &Store) -> anyhow::Result<Engine> {
    let registry = config.registry()?;
    let pending = modules::pending(store, &registry).await.context("compare the definitions")?;
    if let Some(first) = pending.first() {
        anyhow::bail!(
            "{} changes of definitions are pending, such as {}: {}; look at `onemap modules plan`, then run `onemap migrate`",
            pending.len(),
            first.subject,
            first.what.en
        );
    }
    Ok(Engine::new(store.clone(), registry))
}

/// Deadlines each half minute, and once a day what midnight in Beijing changes.
async fn keep_modules(engine: Engine) {
    let mut day = None;
    loop {
        if let Err(error) = engine.meet_deadlines().await {
            tracing::warn!(error = &error as &dyn std::error::Error, "deadlines could not be met");
        }
        let today = modules::today();
        if day != Some(today) {
            if day.is_some() {
                add_up(&engine).await;
            }
            match engine.turn_day().await {
                Ok(()) => day = Some(today),
                Err(error) => tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the day could not be turned"
                ),
            }
        }
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
}

/// Every night: whether the balances of the space ledger are what its entries add up to.
async fn add_up(engine: &Engine) {
    match modules::space::verify(engine.store()).await {
        Ok(rooms) if rooms.is_empty() => tracing::info!("the space ledger adds up"),
        Ok(rooms) => tracing::error!(?rooms, "the space ledger does not add up: see onemap check"),
        Err(error) => tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the space ledger could not be added up"
        ),
    }
}

/// Every night at half past two in Beijing: days of positions that were kept long enough go to files.
async fn keep_positions(store: Store, policy: Policy) {
    const HOUR: Time = time!(18:30);
    loop {
        let now = OffsetDateTime::now_utc();
        let today = now.replace_time(HOUR);
        let next = if now < today { today } else { today + time::Duration::DAY };
        let wait = (next - now).try_into().unwrap_or(Duration::from_hours(24));
        tokio::time::sleep(wait).await;
        match archive::archive(&store, &policy, &mut |_step| {}).await {
            Ok(summary) => told_of_archive(&summary),
            Err(error) => tracing::error!(
                error = &error as &dyn std::error::Error,
                "positions could not be archived and stay in the database"
            ),
        }
    }
}

fn told_of_archive(summary: &Summary) {
    for gone in &summary.gone {
        tracing::info!(day = %gone.day, rows = gone.rows, bytes = gone.byte_count, file = ?gone.file, "archived");
    }
    for (day, why) in &summary.stayed {
        tracing::info!(%day, ?why, "not archived tonight");
    }
    for (day, error) in &summary.failed {
        let source: &dyn std::error::Error = error;
        tracing::warn!(%day, error = source, "a day could not be archived and stays in the database");
    }
    if summary.rejects > 0 {
        tracing::info!(count = summary.rejects, "old rejections were taken away");
    }
}

async fn keep_limits_small(state: AppState) {
    loop {
        tokio::time::sleep(Duration::from_mins(1)).await;
        state.limits.forget_idle();
    }
}

/// Waits for a database that is still starting; a wrong address is said again and again.
async fn connect(database_url: &str) -> anyhow::Result<Store> {
    let mut attempt = 1;
    loop {
        match Store::connect(database_url).await {
            Ok(store) => return Ok(store),
            Err(error) if attempt < 30 => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    attempt,
                    "no database yet"
                );
                attempt += 1;
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Err(error) => return Err(error).context("the database did not answer for 30 attempts"),
        }
    }
}

async fn keep_search(
    search: Arc<SearchIndex>,
    mirrors: Arc<Mirrors>,
    mut changes: broadcast::Receiver<LayerChange>,
) {
    loop {
        match changes.recv().await {
            Ok(change) => {
                if let Some(mirror) = mirrors.get(&change.layer_id) {
                    search.refresh(mirror, &change.features);
                }
            }
            Err(RecvError::Lagged(_)) => search.rebuild(&mirrors),
            Err(RecvError::Closed) => return,
        }
    }
}

async fn keep_vehicles_searchable(search: Arc<SearchIndex>, live: Arc<Live>) {
    let mut since = 0;
    loop {
        let (next, told) = live.registered_since(since);
        for (id, info) in told {
            match info {
                Some(info) => search.put_vehicle(id, info.scope, &info.plate, &info.name),
                None => search.remove(id),
            }
        }
        since = next;
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
}

/// Until Ctrl-C or SIGTERM.
pub(crate) async fn told_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signals) => {
                signals.recv().await;
            }
            Err(error) => {
                tracing::warn!(%error, "SIGTERM cannot be heard");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}
