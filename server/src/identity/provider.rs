//! Sign-in by the bureau's own identity provider (`OpenID` Connect Core 1.0, authorization code with PKCE, RFC 7636).
//! The provider says who somebody is; what they may do is granted here, to accounts that exist.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use data_encoding::BASE64URL_NOPAD;
use gis_data::Text2;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdTokenClaims, CoreProviderMetadata,
};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope, TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::secret::{ServerKey, is_same};

/// From leaving our page to coming back.
pub(crate) const ROUND_TRIP: Duration = Duration::from_mins(10);
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Which claim of the ID token is the name of an account here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LoginClaim {
    PreferredUsername,
    Email,
    Sub,
}

/// What the installation says of its provider.
#[derive(Debug, Clone)]
pub(crate) struct ProviderSettings {
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) secret_file: PathBuf,
    /// This server's `/api/v1/session/oidc/callback` as browsers reach it.
    pub(crate) redirect_url: String,
    pub(crate) claim: LoginClaim,
    pub(crate) title: Option<String>,
    /// PEM of the authority that signed the provider's certificate.
    pub(crate) authority: Option<PathBuf>,
}

/// A provider that can be asked.
pub(crate) struct Provider {
    issuer: IssuerUrl,
    client_id: ClientId,
    secret: ClientSecret,
    redirect_url: RedirectUrl,
    claim: LoginClaim,
    pub(crate) title: Text2,
    http: reqwest::Client,
}

/// What a browser carries to the provider and back, sealed with the server's key.
#[derive(Serialize, Deserialize)]
struct Errand {
    state: String,
    nonce: String,
    verifier: String,
    expires_at: i64,
}

/// Why nobody came in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProviderFault {
    #[error("the provider does not answer: {0}")]
    Unavailable(String),
    #[error("{0}")]
    Refused(String),
}

impl Provider {
    /// Reads the secret and the authority; asks the provider nothing yet, which may be away.
    pub(crate) fn new(settings: &ProviderSettings) -> anyhow::Result<Self> {
        let issuer = IssuerUrl::new(settings.issuer.clone()).context("--oidc-issuer is no URL")?;
        let url = issuer.url();
        let is_here =
            url.host_str().is_some_and(|h| matches!(h, "127.0.0.1" | "localhost" | "[::1]"));
        if url.scheme() != "https" && !is_here {
            bail!(
                "--oidc-issuer {}: only https keeps what it says from being changed",
                issuer.as_str()
            );
        }
        let secret = fs::read_to_string(&settings.secret_file)
            .with_context(|| format!("read {}", settings.secret_file.display()))?;
        let mut http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(ANSWER_WITHIN);
        if let Some(path) = &settings.authority {
            let pem = fs::read(path).with_context(|| format!("read {}", path.display()))?;
            for certificate in reqwest::Certificate::from_pem_bundle(&pem)? {
                http = http.add_root_certificate(certificate);
            }
        }
        let title = settings.title.as_ref().map_or_else(
            || Text2::new("统一身份认证", "single sign-on"),
            |title| Text2::new(title, title),
        );
        Ok(Self {
            issuer,
            client_id: ClientId::new(settings.client_id.clone()),
            secret: ClientSecret::new(secret.trim().to_owned()),
            redirect_url: RedirectUrl::new(settings.redirect_url.clone())
                .context("--oidc-redirect-url is no URL")?,
            claim: settings.claim,
            title,
            http: http.build()?,
        })
    }

    /// Where the browser is to go, and what it is to carry.
    pub(crate) async fn send_off(
        &self,
        key: &ServerKey,
    ) -> Result<(String, String), ProviderFault> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = CoreClient::from_provider_metadata(
            self.metadata().await?,
            self.client_id.clone(),
            Some(self.secret.clone()),
        )
        .set_redirect_uri(self.redirect_url.clone());
        let (url, state, nonce) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scope(Scope::new("profile".to_owned()))
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        let errand = Errand {
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
            expires_at: (OffsetDateTime::now_utc() + ROUND_TRIP).unix_timestamp(),
        };
        let sealed = serde_json::to_vec(&errand)
            .map_err(anyhow::Error::from)
            .and_then(|plain| key.seal(&plain))
            .map_err(|error| ProviderFault::Refused(error.to_string()))?;
        Ok((url.to_string(), BASE64URL_NOPAD.encode(&sealed)))
    }

    /// Who the provider says has come back: the claim that names an account here.
    pub(crate) async fn who_came(
        &self,
        key: &ServerKey,
        carried: &str,
        (code, state): (String, &str),
    ) -> Result<String, ProviderFault> {
        let refused = |why: &str| ProviderFault::Refused(why.to_owned());
        let errand: Errand = BASE64URL_NOPAD
            .decode(carried.as_bytes())
            .ok()
            .and_then(|sealed| key.open(&sealed))
            .and_then(|plain| serde_json::from_slice(&plain).ok())
            .ok_or_else(|| refused("what the browser carried is not ours"))?;
        if errand.expires_at < OffsetDateTime::now_utc().unix_timestamp() {
            return Err(refused("the round trip took too long"));
        }
        if !is_same(errand.state.as_bytes(), state.as_bytes()) {
            return Err(refused("the state is another one's"));
        }
        let client = CoreClient::from_provider_metadata(
            self.metadata().await?,
            self.client_id.clone(),
            Some(self.secret.clone()),
        )
        .set_redirect_uri(self.redirect_url.clone());
        let answer = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| refused(&error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(errand.verifier))
            .request_async(&self.http)
            .await
            .map_err(|error| refused(&format!("the code was not taken: {error}")))?;
        let token = answer.id_token().ok_or_else(|| refused("the answer has no ID token"))?;
        let claims = token
            .claims(&client.id_token_verifier(), &Nonce::new(errand.nonce))
            .map_err(|error| refused(&format!("the ID token is not good: {error}")))?;
        self.login_in(claims).ok_or_else(|| refused("the ID token does not name an account"))
    }

    /// Asked anew each time: the provider's keys and addresses are never older than this sign-in.
    async fn metadata(&self) -> Result<CoreProviderMetadata, ProviderFault> {
        CoreProviderMetadata::discover_async(self.issuer.clone(), &self.http)
            .await
            .map_err(|error| ProviderFault::Unavailable(error.to_string()))
    }

    fn login_in(&self, claims: &CoreIdTokenClaims) -> Option<String> {
        let named = match self.claim {
            LoginClaim::PreferredUsername => claims.preferred_username()?.as_str(),
            LoginClaim::Email => claims.email()?.as_str(),
            LoginClaim::Sub => claims.subject().as_str(),
        };
        Some(named.trim().to_lowercase())
    }
}
