//! What was typed, what stands in the environment and what stands in the file, become one meaning.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use gis_data::Budget;
use modules::Registry;
use serde::Deserialize;
use vehicle_tracker::archive::{KEPT_DAYS, LEAST_DAYS, Policy};
use vehicle_tracker::{BrokerConfig, BrokerTls};

use crate::args::Settings;
use crate::base::BaseFile;
use crate::identity::{Identity, LoginClaim, ProviderSettings};
use crate::rate::REQUESTS_PER_SECOND;
use crate::tls::TlsFiles;

/// The meaning.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) database_url: String,
    pub(crate) listen: SocketAddr,
    pub(crate) broker: BrokerConfig,
    /// Where JT/T 808 terminals connect by TCP.
    pub(crate) jt808_listen: Option<SocketAddr>,
    /// Where the program's own publishers (simulator, replay) connect.
    pub(crate) mqtt_url: String,
    /// Who else knows people.
    pub(crate) provider: Option<ProviderSettings>,
    /// Speak TLS with these.
    pub(crate) tls: Option<TlsFiles>,
    /// Of one person, or of one address before anybody has signed in.
    pub(crate) requests_per_second: NonZeroU32,
    /// Module folders beside those that come with the program.
    pub(crate) modules_dir: Option<PathBuf>,
    /// How much of the layers is in memory.
    pub(crate) budget: Budget,
    /// Layers whose tiles may travel as MapLibre Tiles.
    pub(crate) mlt: BTreeSet<String>,
    /// Base maps, in the order in which people choose among them.
    pub(crate) bases: Vec<BaseFile>,
    /// How long positions stay in the database, and where they go then.
    pub(crate) positions: Policy,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(clippy::struct_field_names, reason = "as the flags are named")]
struct File {
    database_url: Option<String>,
    listen: Option<SocketAddr>,
    allow_plain_http: Option<bool>,
    oidc_issuer: Option<String>,
    oidc_client_id: Option<String>,
    oidc_client_secret_file: Option<PathBuf>,
    oidc_redirect_url: Option<String>,
    oidc_login_claim: Option<LoginClaim>,
    oidc_title: Option<String>,
    oidc_ca: Option<PathBuf>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    mqtts_listen: Option<SocketAddr>,
    allow_plain_mqtt: Option<bool>,
    mqtt_listen: Option<SocketAddr>,
    mqtt_url: Option<String>,
    mqtt_client_id: Option<String>,
    jt808_listen: Option<SocketAddr>,
    allow_plain_jt808: Option<bool>,
    requests_per_second: Option<NonZeroU32>,
    modules_dir: Option<PathBuf>,
    layer_memory_mb: Option<u64>,
    layers_memory_mb: Option<u64>,
    direct: Option<Vec<String>>,
    mlt: Option<Vec<String>>,
    base: Option<Vec<BaseFile>>,
    archive_dir: Option<PathBuf>,
    keep_positions_days: Option<u16>,
    keep_rejects_days: Option<u16>,
}

impl Config {
    /// Where the program's own publishers connect: to the embedded broker with the feeder's credential, to an
    /// external one with what its URL says.
    pub(crate) fn feeder_url(&self, identity: &Identity) -> String {
        match self.broker {
            BrokerConfig::Embedded { .. } => identity.feeder_url(&self.mqtt_url),
            BrokerConfig::External { .. } => self.mqtt_url.clone(),
        }
    }

    /// The definitions of documents: those of the program, and those of the folder.
    pub(crate) fn registry(&self) -> anyhow::Result<Arc<Registry>> {
        match &self.modules_dir {
            Some(folder) => Registry::with_folder(folder)
                .with_context(|| format!("read the modules in {}", folder.display())),
            None => Ok(Registry::shipped()),
        }
    }

    pub(crate) fn from_settings(settings: Settings) -> anyhow::Result<Self> {
        let file = File::of(&settings)?;
        let provider = provider(&settings, &file)?;
        let (budget, bases) = (budget(&settings, &file), bases(&settings, &file));
        let jt808_listen = jt808_listen(&settings, &file)?;
        let positions = positions(&settings, &file)?;
        let mlt = layers(&settings.mlt, file.mlt.as_ref()).into_iter().collect();
        let database_url = settings.database_url.or(file.database_url).context(
            "no database: give --database-url, DATABASE_URL or database-url in the configuration file \
             (`make demo` starts one by itself)",
        )?;
        let listen =
            settings.listen.or(file.listen).unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8080)));
        let tls = match (settings.tls_cert.or(file.tls_cert), settings.tls_key.or(file.tls_key)) {
            (Some(cert), Some(key)) => Some(TlsFiles { cert, key }),
            (None, None) => None,
            _ => bail!("TLS takes both: --tls-cert and --tls-key (证书和私钥须同时给出)"),
        };
        let is_plain_allowed = settings.allow_plain_http || file.allow_plain_http.unwrap_or(false);
        if tls.is_none() && !listen.ip().is_loopback() && !is_plain_allowed {
            bail!(
                "{listen} can be reached by others, and plain HTTP shows them passwords: give \
                 --tls-cert and --tls-key (`onemap tls init` makes them), listen on 127.0.0.1 behind a TLS proxy, or \
                 say --allow-plain-http"
            );
        }
        let mqtt_listen = settings
            .mqtt_listen
            .or(file.mqtt_listen)
            .unwrap_or(SocketAddr::from(([127, 0, 0, 1], 1883)));
        let is_plain_mqtt_allowed =
            settings.allow_plain_mqtt || file.allow_plain_mqtt.unwrap_or(false);
        if !mqtt_listen.ip().is_loopback() && !is_plain_mqtt_allowed {
            bail!(
                "{mqtt_listen} can be reached by others, and plain MQTT shows them the secrets of terminals: give a \
                 certificate and --mqtts-listen, or say --allow-plain-mqtt"
            );
        }
        let broker_tls = tls.as_ref().map(|files| BrokerTls {
            listen: settings
                .mqtts_listen
                .or(file.mqtts_listen)
                .unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8883))),
            cert: files.cert.clone(),
            key: files.key.clone(),
        });
        let external = settings.mqtt_url.or(file.mqtt_url);
        let mqtt_url = external.clone().unwrap_or_else(|| format!("mqtt://{mqtt_listen}"));
        let client_id = settings
            .mqtt_client_id
            .or(file.mqtt_client_id)
            .unwrap_or_else(|| format!("onemap-ingest-{}", listen.port()));
        let broker = match external {
            Some(url) => BrokerConfig::External { url, client_id },
            None => BrokerConfig::Embedded { listen: mqtt_listen, tls: broker_tls },
        };
        let requests_per_second = settings
            .requests_per_second
            .or(file.requests_per_second)
            .unwrap_or(REQUESTS_PER_SECOND);
        Ok(Self {
            database_url,
            listen,
            broker,
            jt808_listen,
            mqtt_url,
            provider,
            tls,
            requests_per_second,
            modules_dir: settings.modules_dir.or(file.modules_dir),
            budget,
            mlt,
            bases,
            positions,
        })
    }
}

impl File {
    /// The one that is named; an empty one where none is.
    fn of(settings: &Settings) -> anyhow::Result<Self> {
        let Some(path) = &settings.config else { return Ok(Self::default()) };
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("read the configuration {}", path.display()))?;
        toml::from_str(&text)
            .with_context(|| format!("understand the configuration {}", path.display()))
    }
}

/// Where JT/T 808 terminals connect, if anywhere.
fn jt808_listen(settings: &Settings, file: &File) -> anyhow::Result<Option<SocketAddr>> {
    let Some(listen) = settings.jt808_listen.or(file.jt808_listen) else { return Ok(None) };
    let is_plain_allowed = settings.allow_plain_jt808 || file.allow_plain_jt808.unwrap_or(false);
    if !listen.ip().is_loopback() && !is_plain_allowed {
        bail!(
            "{listen} can be reached by others, and JT/T 808 shows them positions and codes: keep the terminals' \
             network apart and say --allow-plain-jt808 (协议不加密，请使用专网)"
        );
    }
    Ok(Some(listen))
}

/// How long positions and rejections stay.
fn positions(settings: &Settings, file: &File) -> anyhow::Result<Policy> {
    let days = |name: &str, typed: Option<u16>, kept: Option<u16>| {
        let days = typed.or(kept).unwrap_or(KEPT_DAYS);
        if days < LEAST_DAYS {
            bail!(
                "{name}: {days} days are too few, {LEAST_DAYS} at least (至少保留 {LEAST_DAYS} 天)"
            );
        }
        Ok(days)
    };
    Ok(Policy {
        folder: settings.archive_dir.clone().or_else(|| file.archive_dir.clone()),
        positions_days: days(
            "--keep-positions-days",
            settings.keep_positions_days,
            file.keep_positions_days,
        )?,
        rejects_days: days(
            "--keep-rejects-days",
            settings.keep_rejects_days,
            file.keep_rejects_days,
        )?,
    })
}

/// How much of the layers is in memory.
fn budget(settings: &Settings, file: &File) -> Budget {
    let bytes = |typed: Option<u64>, kept: Option<u64>, or: u64| {
        typed.or(kept).map_or(or, |mb| mb.saturating_mul(1 << 20))
    };
    let usual = Budget::default();
    let direct = layers(&settings.direct, file.direct.as_ref());
    Budget {
        layer_bytes: bytes(settings.layer_memory_mb, file.layer_memory_mb, usual.layer_bytes),
        total_bytes: bytes(settings.layers_memory_mb, file.layers_memory_mb, usual.total_bytes),
        direct: direct.into_iter().collect(),
    }
}

/// Those that were typed, or else those of the file.
fn layers(typed: &[String], kept: Option<&Vec<String>>) -> Vec<String> {
    match typed {
        [] => kept.cloned().unwrap_or_default(),
        typed => typed.to_vec(),
    }
}

/// The base maps in their order.
fn bases(settings: &Settings, file: &File) -> Vec<BaseFile> {
    match &settings.base[..] {
        [] => file.base.clone().unwrap_or_default(),
        typed => typed.to_vec(),
    }
}

/// The identity provider, told whole or not at all.
fn provider(settings: &Settings, file: &File) -> anyhow::Result<Option<ProviderSettings>> {
    let text = |typed: &Option<String>, kept: &Option<String>| typed.clone().or(kept.clone());
    let path = |typed: &Option<PathBuf>, kept: &Option<PathBuf>| typed.clone().or(kept.clone());
    let told = (
        text(&settings.oidc_issuer, &file.oidc_issuer),
        text(&settings.oidc_client_id, &file.oidc_client_id),
        path(&settings.oidc_client_secret_file, &file.oidc_client_secret_file),
        text(&settings.oidc_redirect_url, &file.oidc_redirect_url),
    );
    match told {
        (Some(issuer), Some(client_id), Some(secret_file), Some(redirect_url)) => {
            Ok(Some(ProviderSettings {
                issuer,
                client_id,
                secret_file,
                redirect_url,
                claim: settings
                    .oidc_login_claim
                    .or(file.oidc_login_claim)
                    .unwrap_or(LoginClaim::PreferredUsername),
                title: text(&settings.oidc_title, &file.oidc_title),
                authority: path(&settings.oidc_ca, &file.oidc_ca),
            }))
        }
        (None, None, None, None) => Ok(None),
        _ => bail!(
            "sign-in by an identity provider takes --oidc-issuer, --oidc-client-id, --oidc-client-secret-file and \
             --oidc-redirect-url together (四项须同时给出)"
        ),
    }
}
