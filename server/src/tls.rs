//! HTTPS: certificates from files, handshakes that hold nobody else up, and a private authority for an isolated intranet.

use std::fs;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use time::OffsetDateTime;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::listener::{Peer, PromptListener};

/// A handshake that takes longer is a broken or a hostile client.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Connections that have shaken hands and wait to be served.
const WAITING: usize = 256;
/// The life of the authority: longer than a machine room's.
const AUTHORITY_DAYS: i64 = 3_650;

/// Where the server's certificate, with those up to its authority, and its key are: PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TlsFiles {
    pub(crate) cert: PathBuf,
    pub(crate) key: PathBuf,
}

impl TlsFiles {
    /// Reads both. TLS 1.2 and 1.3 (RFC 8446); the error names the file.
    pub(crate) fn load(&self) -> anyhow::Result<Arc<ServerConfig>> {
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&self.cert)
            .and_then(Iterator::collect)
            .with_context(|| format!("read the certificate {}", self.cert.display()))?;
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .with_context(|| format!("read the key {}", self.key.display()))?;
        let mut config =
            ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()?
                .with_no_client_auth()
                .with_single_cert(chain, key)
                .with_context(|| {
                    format!("{} does not belong to {}", self.key.display(), self.cert.display())
                })?;
        // WebSockets are of HTTP/1.1.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

impl Connected<IncomingStream<'_, TlsListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// Connections that have shaken hands.
pub(crate) struct TlsListener {
    address: SocketAddr,
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
}

impl TlsListener {
    /// Each handshake is a task of its own: a client that says nothing keeps nobody waiting.
    pub(crate) fn start(listener: PromptListener, config: Arc<ServerConfig>) -> io::Result<Self> {
        let address = listener.0.local_addr()?;
        let (shaken, ready) = mpsc::channel(WAITING);
        let acceptor = TlsAcceptor::from(config);
        tokio::spawn(async move {
            let mut listener = listener;
            while !shaken.is_closed() {
                let (socket, peer) = listener.accept().await;
                let (acceptor, shaken) = (acceptor.clone(), shaken.clone());
                tokio::spawn(async move {
                    match tokio::time::timeout(HANDSHAKE, acceptor.accept(socket)).await {
                        Ok(Ok(stream)) => {
                            // Closed: the server is ending.
                            let _ = shaken.send((stream, peer)).await;
                        }
                        Ok(Err(error)) => tracing::debug!(%peer, %error, "no TLS handshake"),
                        Err(_elapsed) => tracing::debug!(%peer, "a TLS handshake took too long"),
                    }
                });
            }
        });
        Ok(Self { address, ready })
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// What was made, and what was there.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) authority: PathBuf,
    pub(crate) is_authority_new: bool,
    pub(crate) files: TlsFiles,
}

/// Makes a private authority, unless the folder has one, and a server certificate that it signs, for names or
/// addresses. The authority stays, so that what trusts it goes on trusting.
pub(crate) fn init(folder: &Path, names: &[String], days: u16) -> anyhow::Result<Made> {
    if names.is_empty() || days == 0 {
        bail!("give at least one --name and one day (请至少给出一个域名或 IP，有效期至少 1 天)");
    }
    fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    let (ca_cert, ca_key) = (folder.join("ca.pem"), folder.join("ca-key.pem"));
    let is_authority_new = match (ca_cert.exists(), ca_key.exists()) {
        (true, true) => false,
        (false, false) => {
            let (cert, key) = authority()?;
            write(&ca_key, &key, true)?;
            write(&ca_cert, &cert, false)?;
            true
        }
        (has_cert, _) => {
            let (there, missing) = if has_cert { (&ca_cert, &ca_key) } else { (&ca_key, &ca_cert) };
            bail!(
                "{} is there and {} is not: bring it back, or move the first away (缺少 {}，请找回，或移走前者后重试)",
                there.display(),
                missing.display(),
                missing.display()
            );
        }
    };
    let key = KeyPair::from_pem(&fs::read_to_string(&ca_key)?)
        .with_context(|| format!("read {}", ca_key.display()))?;
    let ca_pem = fs::read_to_string(&ca_cert)?;
    let issuer = Issuer::from_ca_cert_pem(&ca_pem, key)
        .with_context(|| format!("read {}", ca_cert.display()))?;
    let mut server = CertificateParams::new(names.to_vec())
        .with_context(|| format!("{names:?} are no names of a server"))?;
    server.distinguished_name.push(DnType::CommonName, names[0].as_str());
    server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    server.use_authority_key_identifier_extension = true;
    last(&mut server, i64::from(days));
    let server_key = KeyPair::generate()?;
    let signed = server.signed_by(&server_key, &issuer)?;
    let files = TlsFiles { cert: folder.join("server.pem"), key: folder.join("server-key.pem") };
    write(&files.key, &server_key.serialize_pem(), true)?;
    write(&files.cert, &format!("{}{ca_pem}", signed.pem()), false)?;
    Ok(Made { authority: ca_cert, is_authority_new, files })
}

/// Certificate and key of a new authority, which may sign servers and nothing below them.
fn authority() -> anyhow::Result<(String, String)> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(Vec::<String>::new())?;
    params.distinguished_name.push(DnType::CommonName, "OneMap private authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    last(&mut params, AUTHORITY_DAYS);
    Ok((params.self_signed(&key)?.pem(), key.serialize_pem()))
}

/// From an hour ago, for clocks that are slow.
fn last(params: &mut CertificateParams, days: i64) {
    let now = OffsetDateTime::now_utc();
    params.not_before = now - time::Duration::hours(1);
    params.not_after = now + time::Duration::days(days);
}

/// Whole or not at all; a key is for its owner's eyes only.
fn write(path: &Path, text: &str, is_secret: bool) -> anyhow::Result<()> {
    let written = || -> io::Result<()> {
        let beside = path.with_extension("new");
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(if is_secret { 0o600 } else { 0o644 })
            .open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(beside, path)
    };
    written().with_context(|| format!("write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn an_authority_stays_and_signs_again() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["map.example".to_owned(), "10.0.0.7".to_owned()];
        let first = init(folder.path(), &names, 90).unwrap();
        assert!(first.is_authority_new);
        first.files.load().unwrap();
        let authority = fs::read(&first.authority).unwrap();
        let second = init(folder.path(), &names, 90).unwrap();
        assert!(!second.is_authority_new);
        assert_eq!(fs::read(&second.authority).unwrap(), authority);
        second.files.load().unwrap();
        for key in ["ca-key.pem", "server-key.pem"] {
            let mode = fs::metadata(folder.path().join(key)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{key}");
        }
        fs::remove_file(folder.path().join("ca-key.pem")).unwrap();
        let half = init(folder.path(), &names, 90).unwrap_err().to_string();
        assert!(half.contains("ca-key.pem"), "{half}");
    }

    #[test]
    fn files_that_do_not_fit_are_named() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let names = ["map.example".to_owned()];
        let (one, two) =
            (init(one.path(), &names, 9).unwrap(), init(two.path(), &names, 9).unwrap());
        let mixed = TlsFiles { cert: one.files.cert.clone(), key: two.files.key };
        assert!(mixed.load().unwrap_err().to_string().contains("does not belong to"));
        let missing = TlsFiles { cert: "nowhere.pem".into(), key: one.files.key };
        assert!(missing.load().unwrap_err().to_string().contains("nowhere.pem"));
    }
}
