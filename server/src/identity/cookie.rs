//! How a request shows who it is from, and whether a browser made it on our own page's behalf.

use axum::http::{HeaderMap, HeaderValue, header};

/// The session's cookie. No other page's script can read it, and no other site's link or form sends it.
const COOKIE: &str = "onemap_session";
/// How tokens of programs begin, so that leaked ones are found by scanners.
pub(crate) const TOKEN_PREFIX: &str = "om_";

/// What a request shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Presented {
    Cookie(String),
    Token(String),
}

impl Presented {
    /// A token goes before a cookie.
    pub(crate) fn in_headers(headers: &HeaderMap) -> Option<Self> {
        let bearer = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .filter(|token| token.starts_with(TOKEN_PREFIX));
        if let Some(token) = bearer {
            return Some(Self::Token(token.trim().to_owned()));
        }
        cookie_named(headers, COOKIE).map(Self::Cookie)
    }

    pub(crate) fn secret(&self) -> &str {
        match self {
            Self::Cookie(secret) | Self::Token(secret) => secret,
        }
    }
}

/// The value of a cookie.
pub(crate) fn cookie_named(headers: &HeaderMap, wanted: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == wanted)
        .map(|(_, value)| value.to_owned())
}

/// The header that gives a browser its session, until the browser is closed.
pub(crate) fn session_cookie(secret: &str, is_tls: bool) -> Option<HeaderValue> {
    let secure = if is_tls { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={secret}; Path=/; HttpOnly; SameSite=Strict{secure}");
    HeaderValue::from_str(&cookie).ok()
}

/// The header that takes it away.
pub(crate) fn without_cookie() -> HeaderValue {
    HeaderValue::from_static("onemap_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0")
}

/// Whether a request with a cookie comes from our own page. Browsers say so in `Sec-Fetch-Site`, older ones in
/// `Origin`; a request that says neither is no browser's, and programs have tokens.
pub(crate) fn is_same_site(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = text("host").unwrap_or_default();
            origin.split_once("://").is_some_and(|(_, origin_host)| origin_host == host)
        }
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, HeaderValue::from_static(value));
        }
        map
    }

    #[test]
    fn a_cookie_is_found_among_others_and_a_token_goes_first() {
        let cookie = headers(&[("cookie", "a=1; onemap_session=s3; b=2")]);
        assert_eq!(Presented::in_headers(&cookie), Some(Presented::Cookie("s3".to_owned())));
        let both = headers(&[("cookie", "onemap_session=s3"), ("authorization", "Bearer om_x")]);
        assert_eq!(Presented::in_headers(&both), Some(Presented::Token("om_x".to_owned())));
        let foreign =
            headers(&[("authorization", "Bearer ey.foreign"), ("cookie", "xonemap_session=1")]);
        assert_eq!(Presented::in_headers(&foreign), None);
    }

    #[test]
    fn another_site_cannot_act_with_our_cookie() {
        let verdicts = [
            (headers(&[("sec-fetch-site", "same-origin")]), true),
            (
                headers(&[("sec-fetch-site", "cross-site"), ("origin", "http://a"), ("host", "a")]),
                false,
            ),
            (headers(&[("sec-fetch-site", "same-site")]), false),
            (headers(&[("origin", "http://map.gov:8080"), ("host", "map.gov:8080")]), true),
            (headers(&[("origin", "http://evil.example"), ("host", "map.gov:8080")]), false),
            (headers(&[("origin", "null"), ("host", "map.gov:8080")]), false),
            (headers(&[("host", "map.gov:8080")]), false),
        ];
        for (headers, expected) in verdicts {
            assert_eq!(is_same_site(&headers), expected, "{headers:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn random_headers_are_read_without_a_fault(cookie in any::<Vec<u8>>(), bearer in any::<Vec<u8>>()) {
            let mut map = HeaderMap::new();
            for (name, bytes) in [("cookie", cookie), ("authorization", bearer)] {
                if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                    map.append(name, value);
                }
            }
            let _ = Presented::in_headers(&map);
            prop_assert!(!is_same_site(&map), "nothing in these headers says where the page is from");
        }

        #[test]
        fn random_cookies_around_ours_do_not_hide_it(before in "[ -:<-~]{0,40}", secret in "[A-Za-z0-9_-]{1,60}") {
            let text = format!("{before}; {COOKIE}={secret}; z=1");
            prop_assume!(!before.trim().starts_with(COOKIE));
            let map = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(&text).unwrap())]);
            prop_assert_eq!(Presented::in_headers(&map), Some(Presented::Cookie(secret)));
        }

        #[test]
        fn random_origins_act_only_from_our_own_host(origin in "(https?://)?[a-z.]{0,12}(:[0-9]{1,5})?", host in "[a-z.]{1,12}(:[0-9]{1,5})?") {
            let pairs = [("origin", origin.as_str()), ("host", host.as_str())];
            let map: HeaderMap = pairs
                .into_iter()
                .map(|(name, value)| (header::HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
                .collect();
            let is_ours = origin == format!("http://{host}") || origin == format!("https://{host}");
            prop_assert_eq!(is_same_site(&map), is_ours);
        }
    }
}
