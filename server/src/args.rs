//! What was typed. Every setting may also stand in the environment (`ONEMAP_…`) or in the file.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{ArgGroup, Args as ClapArgs, Parser, Subcommand, ValueEnum};
use gis_data::Bbox;

use crate::base::BaseFile;
use crate::identity::LoginClaim;

/// 机关事务一张图: one map for a government's buildings, land and vehicles.
#[derive(Debug, Parser)]
#[command(name = "onemap", version, about, max_term_width = 100)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) settings: Settings,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Settings common to all commands: flag, then environment, then file, then default.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct Settings {
    /// TOML file with the same names as the flags.
    #[arg(long, global = true, env = "ONEMAP_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// PostgreSQL with PostGIS, as `postgres://user@host/database`.
    #[arg(long, global = true, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub(crate) database_url: Option<String>,
    /// Where browsers connect [default: 127.0.0.1:8080].
    #[arg(long, global = true, env = "ONEMAP_LISTEN", value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// Serve plain HTTP where others can reach it, such as behind a TLS proxy.
    #[arg(long, global = true, env = "ONEMAP_ALLOW_PLAIN_HTTP")]
    pub(crate) allow_plain_http: bool,
    /// Identity provider (`OpenID` Connect) that people may sign in by.
    #[arg(long, global = true, env = "ONEMAP_OIDC_ISSUER", value_name = "URL")]
    pub(crate) oidc_issuer: Option<String>,
    /// What the provider calls this server.
    #[arg(long, global = true, env = "ONEMAP_OIDC_CLIENT_ID", value_name = "NAME")]
    pub(crate) oidc_client_id: Option<String>,
    /// File with the secret that the provider gave this server.
    #[arg(long, global = true, env = "ONEMAP_OIDC_CLIENT_SECRET_FILE", value_name = "FILE")]
    pub(crate) oidc_client_secret_file: Option<PathBuf>,
    /// `/api/v1/session/oidc/callback` of this server, as browsers reach it.
    #[arg(long, global = true, env = "ONEMAP_OIDC_REDIRECT_URL", value_name = "URL")]
    pub(crate) oidc_redirect_url: Option<String>,
    /// Which claim is the name of an account here [default: preferred-username].
    #[arg(long, global = true, env = "ONEMAP_OIDC_LOGIN_CLAIM")]
    pub(crate) oidc_login_claim: Option<LoginClaim>,
    /// What the provider is called on the sign-in page.
    #[arg(long, global = true, env = "ONEMAP_OIDC_TITLE", value_name = "TEXT")]
    pub(crate) oidc_title: Option<String>,
    /// PEM file with the authority that signed the provider's certificate.
    #[arg(long, global = true, env = "ONEMAP_OIDC_CA", value_name = "FILE")]
    pub(crate) oidc_ca: Option<PathBuf>,
    /// PEM file with the server's certificate and those up to its authority: HTTPS and MQTTS.
    #[arg(long, global = true, env = "ONEMAP_TLS_CERT", value_name = "FILE")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// PEM file with its key.
    #[arg(long, global = true, env = "ONEMAP_TLS_KEY", value_name = "FILE")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Where terminals connect by TLS [default, with a certificate: 127.0.0.1:8883].
    #[arg(long, global = true, env = "ONEMAP_MQTTS_LISTEN", value_name = "ADDRESS")]
    pub(crate) mqtts_listen: Option<SocketAddr>,
    /// Let terminals connect without TLS where others can reach the port.
    #[arg(long, global = true, env = "ONEMAP_ALLOW_PLAIN_MQTT")]
    pub(crate) allow_plain_mqtt: bool,
    /// Where terminals connect to the embedded broker [default: 127.0.0.1:1883].
    #[arg(long, global = true, env = "ONEMAP_MQTT_LISTEN", value_name = "ADDRESS")]
    pub(crate) mqtt_listen: Option<SocketAddr>,
    /// An MQTT 5 broker to use in place of the embedded one.
    #[arg(long, global = true, env = "MQTT_URL", value_name = "URL", hide_env_values = true)]
    pub(crate) mqtt_url: Option<String>,
    /// Names this server's session at an external broker: its own for each server, kept over restarts.
    #[arg(long, global = true, env = "ONEMAP_MQTT_CLIENT_ID", value_name = "NAME")]
    pub(crate) mqtt_client_id: Option<String>,
    /// Where JT/T 808 terminals connect by TCP [default: nowhere; the demo: 127.0.0.1:8808].
    #[arg(long, global = true, env = "ONEMAP_JT808_LISTEN", value_name = "ADDRESS")]
    pub(crate) jt808_listen: Option<SocketAddr>,
    /// Let JT/T 808 terminals connect where others can reach the port: the protocol has no TLS.
    #[arg(long, global = true, env = "ONEMAP_ALLOW_PLAIN_JT808")]
    pub(crate) allow_plain_jt808: bool,
    /// Where days of positions go that were kept long enough [default: nowhere, and nothing is taken away].
    #[arg(long, global = true, env = "ONEMAP_ARCHIVE_DIR", value_name = "DIR")]
    pub(crate) archive_dir: Option<PathBuf>,
    /// Days that positions stay in the database after they were received, 7 at least [default: 180].
    #[arg(long, global = true, env = "ONEMAP_KEEP_POSITIONS_DAYS", value_name = "DAYS")]
    pub(crate) keep_positions_days: Option<u16>,
    /// Days that rejected messages stay after they were received, 7 at least [default: 180].
    #[arg(long, global = true, env = "ONEMAP_KEEP_REJECTS_DAYS", value_name = "DAYS")]
    pub(crate) keep_rejects_days: Option<u16>,
    /// Requests a second that one person may make for long; changes weigh 25 times as much [default: 500].
    #[arg(long, global = true, env = "ONEMAP_REQUESTS_PER_SECOND", value_name = "NUMBER")]
    pub(crate) requests_per_second: Option<NonZeroU32>,
    /// A folder with module folders of the bureau's own, beside those that come with the program.
    #[arg(long, global = true, env = "ONEMAP_MODULES_DIR", value_name = "DIR")]
    pub(crate) modules_dir: Option<PathBuf>,
    /// Memory for one layer; a larger one is drawn from the database [default: 1024].
    #[arg(long, global = true, env = "ONEMAP_LAYER_MEMORY_MB", value_name = "MIB")]
    pub(crate) layer_memory_mb: Option<u64>,
    /// Memory for all layers together [default: 4096].
    #[arg(long, global = true, env = "ONEMAP_LAYERS_MEMORY_MB", value_name = "MIB")]
    pub(crate) layers_memory_mb: Option<u64>,
    /// Layers that are drawn from the database in any case, with commas between them.
    #[arg(
        long,
        global = true,
        env = "ONEMAP_DIRECT",
        value_name = "LAYERS",
        value_delimiter = ','
    )]
    pub(crate) direct: Vec<String>,
    /// Layers whose tiles browsers get as MapLibre Tiles, with commas between them: fewer bytes, more work.
    #[arg(long, global = true, env = "ONEMAP_MLT", value_name = "LAYERS", value_delimiter = ',')]
    pub(crate) mlt: Vec<String>,
    /// A base map for everybody: `.pmtiles` or `.mbtiles` with vector tiles or pictures; again, or with commas, for more.
    #[arg(
        long,
        global = true,
        env = "ONEMAP_BASE",
        value_name = "NAME=FILE",
        value_delimiter = ','
    )]
    pub(crate) base: Vec<BaseFile>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the map, the API and the live stream; take positions by MQTT.
    Serve,
    /// Migrate, fill an empty database with the fictional demo city, drive vehicles, and serve.
    Demo(DemoArgs),
    /// Apply the migrations and publish the layer catalogue.
    Migrate,
    /// Import a file into a layer.
    Import(ImportArgs),
    /// Export layers to an archive of vector tiles, PMTiles or MBTiles.
    Export(ExportArgs),
    /// Drive simulated vehicles along the demo city's roads through real MQTT connections; with `--trouble`, see whether
    /// anything that was acknowledged is lost.
    Simulate(SimulateArgs),
    /// Publish a recorded trace (`GeoLife` CSV or GPX) by MQTT.
    Replay(ReplayArgs),
    /// Explain frames of JT/T 808 byte by byte.
    Explain(ExplainArgs),
    /// The definitions of documents.
    #[command(subcommand)]
    Modules(ModulesCommand),
    /// Check that what is stored agrees with itself.
    Check,
    /// Make the first administrators, or help one who is locked out.
    #[command(subcommand)]
    User(UserCommand),
    /// Give a terminal its secret, or take it away.
    #[command(subcommand)]
    Terminal(TerminalCommand),
    /// The icons on the map.
    #[command(subcommand)]
    Icon(IconCommand),
    /// The audit log.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Days of positions in files.
    #[command(subcommand)]
    Archive(ArchiveCommand),
    /// Certificates.
    #[command(subcommand)]
    Tls(TlsCommand),
}

/// In which language a command speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// 中文.
    Zh,
    /// English.
    En,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ExplainArgs {
    /// Hexadecimal, blanks allowed; several frames may follow each other [default: from standard input].
    pub(crate) hex: Vec<String>,
    /// Of names and meanings.
    #[arg(long, value_enum, default_value = "en")]
    pub(crate) lang: Language,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModulesCommand {
    /// Say what `migrate` would do to relations and documents, and do nothing.
    Plan,
    /// Print the kinds as TypeScript, for programs that talk to the API.
    Types,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TlsCommand {
    /// Make a private authority, or keep the one in the folder, and a server certificate signed by it.
    Init {
        /// The folder that the files go to.
        #[arg(long)]
        dir: PathBuf,
        /// A name or an address by which the server is reached; again for more.
        #[arg(long, required = true)]
        name: Vec<String>,
        /// How long the server certificate lasts.
        #[arg(long, default_value_t = 825)]
        days: u16,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Make an account with a role over an organisation; prints its first password.
    Create {
        /// Small letters, digits, dots and dashes.
        login: String,
        /// What people call them.
        #[arg(long)]
        name: String,
        /// Such as `system-admin`, `security-admin`, `auditor`, `supervisor`.
        #[arg(long)]
        role: String,
        /// Code of the organisation that the role is over [default: none].
        #[arg(long)]
        org: Option<String>,
    },
    /// Draw a new first password, take the second factor away and unlock.
    Reset {
        /// Whose.
        login: String,
    },
    /// List accounts and what is granted to them.
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TerminalCommand {
    /// Draw a new secret, printed once; the old one stops working.
    Issue {
        /// The terminal.
        terminal: String,
    },
    /// Draw a secret for every terminal that has none; prints a CSV `terminal_id,secret`, once.
    IssueMissing,
    /// Print `name:secret` for a program that publishes for many terminals, such as a gateway.
    Gateway,
    /// Take the secret away: the terminal may no longer connect.
    Revoke {
        /// The terminal.
        terminal: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum IconCommand {
    /// List the product's icons and those of an administrator.
    List,
    /// Add an icon, or put it in place of the one of this name; running servers show it within a second.
    Put {
        /// Small letters, digits and dashes.
        name: String,
        /// An SVG of one colour, 16 KiB at most; it is fitted into a square.
        file: PathBuf,
    },
    /// Take an administrator's icon away; where it replaced one of the product's, that one is back.
    Remove {
        /// The icon.
        name: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Walk the chain from the first row; fails where a row is not what was written.
    Verify {
        /// Archives to verify in place of what is in the database.
        archives: Vec<PathBuf>,
    },
    /// Write months that were kept long enough to files and take them out of the database.
    Archive {
        /// The folder that the files go to.
        #[arg(long)]
        to: PathBuf,
        /// How many days rows stay in the database, 180 at least.
        #[arg(long, default_value_t = crate::audit::KEPT_DAYS)]
        kept_days: u16,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ArchiveCommand {
    /// Write days that were kept long enough to Parquet files and take them out of the database, as the server does each night.
    Positions {
        /// Say what would be written and taken out, and do nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Put the positions of a file back; those that are there already stay as they are.
    Restore {
        /// Such as `position-2026-03-02.parquet`.
        file: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CitySize {
    /// More than 20,000 buildings.
    Full,
    /// About 800 buildings, for tests.
    Small,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DemoArgs {
    /// Size of the generated city.
    #[arg(long, value_enum, default_value = "full")]
    pub(crate) city: CitySize,
    /// Vehicles that drive; 0 for none.
    #[arg(long, default_value_t = 200)]
    pub(crate) vehicles: usize,
    /// Password of all demo accounts.
    #[arg(
        long,
        env = "ONEMAP_DEMO_PASSWORD",
        default_value = "OneMap-demo-2026",
        hide_env_values = true
    )]
    pub(crate) password: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ImportArgs {
    /// `.shp` with `.dbf` and `.prj` beside it or a `.zip` of them, `.csv`, `.xlsx`, `.gpkg`, `.geojson`, `.kml`, `.kmz`,
    /// `.fgb`, `.gpx` or `.osm.pbf`.
    pub(crate) file: PathBuf,
    /// `buildings`, `parcels` or `facilities`.
    #[arg(long)]
    pub(crate) layer: String,
    /// Coordinate reference system of the file, such as `EPSG:4547` or `GCJ-02`, where the file does not say it or says it
    /// wrongly [default: what the file says, else WGS 84 for `.csv` and `.xlsx`].
    #[arg(long)]
    pub(crate) crs: Option<String>,
    /// The sheet of a workbook, table of a `.gpkg` or shapefile of a `.zip` to read, where there are several [default: the first].
    #[arg(long, value_name = "NAME")]
    pub(crate) table: Option<String>,
    /// Read, check and report, but write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, ClapArgs)]
#[command(group(ArgGroup::new("eyes").required(true).args(["as_login", "everything"])))]
pub(crate) struct ExportArgs {
    /// `.pmtiles` or `.mbtiles`.
    pub(crate) file: PathBuf,
    /// Layers with commas between them, as in the addresses of tiles.
    #[arg(long, value_name = "LAYERS")]
    pub(crate) layers: String,
    /// First and last zoom, such as `0-14` [default: those of the layers].
    #[arg(long, value_name = "FIRST-LAST")]
    pub(crate) zooms: Option<Zooms>,
    /// West, south, east and north in degrees, with commas [default: around what is exported].
    #[arg(long, value_name = "BOX", allow_hyphen_values = true)]
    pub(crate) bbox: Option<Sides>,
    /// Export what this account sees; it needs the right to export.
    #[arg(long = "as", value_name = "LOGIN")]
    pub(crate) as_login: Option<String>,
    /// Export what is there, whoever may see it.
    #[arg(long)]
    pub(crate) everything: bool,
    /// Replace a file that is there already.
    #[arg(long)]
    pub(crate) force: bool,
    /// How many tiles may be asked for.
    #[arg(long, value_name = "NUMBER", default_value_t = tiles::MOST_TILES)]
    pub(crate) most_tiles: u64,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct SimulateArgs {
    /// How many vehicles drive.
    #[arg(long, default_value_t = 200)]
    pub(crate) vehicles: usize,
    /// Positions per vehicle and second.
    #[arg(long, default_value_t = 1.0)]
    pub(crate) rate: f64,
    /// Size of the generated city whose roads they drive on.
    #[arg(long, value_enum, default_value = "full")]
    pub(crate) city: CitySize,
    /// End after so many seconds [default: Ctrl-C ends].
    #[arg(long, value_name = "SECONDS")]
    pub(crate) seconds: Option<u64>,
    /// The same seed drives the same ways and has the same troubles.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    #[command(flatten)]
    pub(crate) trouble: TroubleArgs,
}

/// Terminals as they are in the field. Shares are from 0 to 1.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Terminals with troubles")]
pub(crate) struct TroubleArgs {
    /// 故障终端对账: terminals go offline, send twice and in disorder, drift, and their clocks jump; at the end the ledger of
    /// each is held against the database. Nobody else may speak for these terminals meanwhile.
    #[arg(long)]
    pub(crate) trouble: bool,
    /// Print the report as JSON.
    #[arg(long, requires = "trouble")]
    pub(crate) json: bool,
    /// Of the terminals, those that speak JT/T 808; the others speak JSON.
    #[arg(long, requires = "trouble", value_name = "SHARE", default_value_t = 0.4)]
    pub(crate) jt808_share: f64,
    /// Of the time, that without network; at most 0.95.
    #[arg(long, requires = "trouble", value_name = "SHARE", default_value_t = 0.1)]
    pub(crate) offline_share: f64,
    /// How long a spell without network is on average, 1 to 3600.
    #[arg(long, requires = "trouble", value_name = "SECONDS", default_value_t = 20.0)]
    pub(crate) offline_seconds: f64,
    /// Of the positions, those that are sent again under another serial.
    #[arg(long, requires = "trouble", value_name = "SHARE", default_value_t = 0.03)]
    pub(crate) duplicate_share: f64,
    /// Of the messages, those that leave after later ones.
    #[arg(long, requires = "trouble", value_name = "SHARE", default_value_t = 0.03)]
    pub(crate) disorder_share: f64,
    /// Of the terminals, those whose clock begins off by minutes.
    #[arg(long, requires = "trouble", value_name = "SHARE", default_value_t = 0.2)]
    pub(crate) skew_share: f64,
    /// How often a clock jumps: by seconds, by minutes, far ahead, or back to where its count begins; at most 3600.
    #[arg(long, requires = "trouble", value_name = "NUMBER", default_value_t = 6.0)]
    pub(crate) jumps_per_hour: f64,
    /// Of the positions, those that are hundreds of metres away.
    #[arg(long, requires = "trouble", value_name = "SHARE", default_value_t = 0.01)]
    pub(crate) drift_share: f64,
    /// Of the positions, those without a fix.
    #[arg(long, requires = "trouble", value_name = "SHARE", default_value_t = 0.02)]
    pub(crate) no_fix_share: f64,
    /// Of the messages in JSON, those that are packed with gzip.
    #[arg(long, requires = "trouble", value_name = "SHARE", default_value_t = 0.1)]
    pub(crate) gzip_share: f64,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ReplayArgs {
    /// `GeoLife` CSV (`lat,lng,datetime,uid`, plain or gzip) or GPX.
    pub(crate) file: PathBuf,
    /// `max`, or a multiple of real time such as `10`.
    #[arg(long, default_value = "1")]
    pub(crate) speed: String,
}

/// A first and a last zoom, or one that is both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Zooms(pub(crate) u8, pub(crate) u8);

impl FromStr for Zooms {
    type Err = String;

    fn from_str(typed: &str) -> Result<Self, String> {
        let (first, last) = typed.split_once('-').unwrap_or((typed, typed));
        let zoom = |text: &str| text.trim().parse::<u8>();
        match (zoom(first), zoom(last)) {
            (Ok(first), Ok(last)) => Ok(Self(first, last)),
            _ => Err("two zooms with a dash between them, such as 0-14 (级别形如 0-14)".to_owned()),
        }
    }
}

/// West, south, east, north.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sides(pub(crate) Bbox);

impl FromStr for Sides {
    type Err = String;

    fn from_str(typed: &str) -> Result<Self, String> {
        let sides: Vec<f64> = typed.split(',').map_while(|side| side.trim().parse().ok()).collect();
        let sides: Option<[f64; 4]> = sides.try_into().ok();
        let is_whole = typed.split(',').count() == 4;
        sides.filter(|_| is_whole).and_then(Bbox::new_checked).map(Self).ok_or_else(|| {
            "four numbers on the earth: west,south,east,north, west below east and south below north \
             (西、南、东、北四个度数)"
                .to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_understands_its_own_arguments() {
        use clap::CommandFactory as _;
        Args::command().debug_assert();
    }

    #[test]
    fn zooms_and_boxes_are_read_as_they_are_written() {
        assert_eq!("0-14".parse(), Ok(Zooms(0, 14)));
        assert_eq!("9".parse(), Ok(Zooms(9, 9)));
        for wrong in ["", "-", "a-b", "1-2-3", "-1", "300-301"] {
            assert!(wrong.parse::<Zooms>().is_err(), "{wrong}");
        }
        let sides = "-10.5,-2,3,4".parse::<Sides>().unwrap();
        assert_eq!(format!("{:?}", sides.0.to_array()), "[-10.5, -2.0, 3.0, 4.0]");
        for wrong in ["", "1,2,3", "1,2,3,4,5", "3,0,1,1", "0,0,400,1", "a,b,c,d", "1,2,3,4,x"] {
            assert!(wrong.parse::<Sides>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_export_says_for_whose_eyes_it_is() {
        let typed = |rest: &[&str]| {
            let all = ["onemap", "export", "a.pmtiles", "--layers", "roads"];
            Args::try_parse_from(all.iter().chain(rest))
        };
        assert!(typed(&[]).is_err());
        assert!(typed(&["--as", "county", "--everything"]).is_err());
        assert!(typed(&["--as", "county", "--bbox", "-1,0,1,2"]).is_ok());
        assert!(typed(&["--everything", "--zooms", "0-9"]).is_ok());
    }
}
