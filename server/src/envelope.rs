//! What holds for every answer, whoever gives it: a number to ask about it by, the headers that keep browsers safe, and
//! a problem instead of silence when a handler panics. One layer and not one for each header, because a tile takes less
//! time to make than ten layers take to pass.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};
use std::time::Instant;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use tower::Service;

use crate::client;
use crate::error::ApiError;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// How long a name may be that a client gives its own request.
const REQUEST_ID_BYTES: usize = 128;

/// A service in its envelope.
#[derive(Clone)]
pub(crate) struct Envelope<S> {
    inner: S,
    headers: Arc<[(HeaderName, HeaderValue)]>,
}

impl<S> Envelope<S> {
    /// Around this service; whether browsers reach it by TLS.
    pub(crate) fn around(inner: S, is_tls: bool) -> Self {
        let mut headers = vec![
            (header::CONTENT_SECURITY_POLICY, client::CONTENT_SECURITY_POLICY),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::X_FRAME_OPTIONS, "DENY"),
            (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
            // What one person may see must not wait in a cache for the next.
            (header::CACHE_CONTROL, "private, no-cache"),
            (header::VARY, "cookie, authorization"),
            (header::REFERRER_POLICY, "same-origin"),
        ];
        if is_tls {
            // RFC 6797, for half a year, and only where TLS is ours to promise.
            headers.push((header::STRICT_TRANSPORT_SECURITY, "max-age=15552000"));
        }
        let fixed = |(name, value)| (name, HeaderValue::from_static(value));
        Self { inner, headers: headers.into_iter().map(fixed).collect() }
    }
}

impl<S> Service<Request> for Envelope<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let (mut inner, headers) = (self.inner.clone(), Arc::clone(&self.headers));
        Box::pin(async move {
            let id = request_id(&request);
            let asked = tracing::enabled!(tracing::Level::DEBUG).then(|| asked(&request));
            let answering = AssertUnwindSafe(async move { inner.call(request).await });
            let mut response = match answering.catch_unwind().await {
                Ok(Ok(response)) => response,
                Err(panic) => ApiError::internal(&Panicked::of(&*panic)).into_response(),
            };
            if let Some((started, asked)) = asked {
                let (ms, status) = (started.elapsed().as_millis(), response.status().as_u16());
                tracing::debug!(
                    id = id.to_str().unwrap_or_default(),
                    asked,
                    status,
                    ms,
                    "answered"
                );
            }
            let answer = response.headers_mut();
            answer.reserve(headers.len() + 1);
            for (name, value) in &*headers {
                answer.entry(name).or_insert_with(|| value.clone());
            }
            answer.insert(REQUEST_ID, id);
            Ok(response)
        })
    }
}

/// What the client calls its request, or else a number that no other request of this server has.
fn request_id(request: &Request) -> HeaderValue {
    /// Tells the servers apart, and the times that one was started.
    static START: LazyLock<u64> = LazyLock::new(|| {
        let mut bytes = [0; 8];
        // Without randomness the numbers of two servers may be the same: they are for people who read logs.
        let _ = getrandom::fill(&mut bytes);
        u64::from_le_bytes(bytes)
    });
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let given = request.headers().get(REQUEST_ID);
    given.filter(|id| id.len() <= REQUEST_ID_BYTES).cloned().unwrap_or_else(|| {
        let mut id = String::with_capacity(33);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let _ = write!(id, "{:016x}-{number:x}", *START);
        HeaderValue::try_from(id).unwrap_or(HeaderValue::from_static("0"))
    })
}

/// For the log: without what stands behind the question mark, which may be somebody's name.
fn asked(request: &Request) -> (Instant, String) {
    (Instant::now(), format!("{} {}", request.method(), request.uri().path()))
}

/// A handler that panicked, with what it said.
#[derive(Debug, thiserror::Error)]
#[error("a handler panicked: {0}")]
struct Panicked(String);

impl Panicked {
    fn of(panic: &(dyn std::any::Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let said = text.or_else(|| panic.downcast_ref::<String>().cloned());
        Self(said.unwrap_or_else(|| "no reason given".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::http::StatusCode;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    async fn answer(path: &str, id: Option<&str>) -> Response {
        async fn panicking() {
            panic!("a bug");
        }
        let own = || async { [(header::CACHE_CONTROL, "no-store")] };
        let router = Router::new().route("/panic", get(panicking)).route("/own", get(own));
        let mut request = Request::get(path);
        if let Some(id) = id {
            request = request.header(REQUEST_ID, id);
        }
        Envelope::around(router, false).oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn a_handler_that_panics_answers_with_a_problem() {
        let response = answer("/panic", None).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(response.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        assert!(!String::from_utf8_lossy(&body).contains("a bug"), "what it said is for the log");
    }

    #[tokio::test]
    async fn what_a_handler_says_stays_and_the_rest_is_added() {
        let response = answer("/own", None).await;
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        assert_eq!(response.headers()[header::VARY], "cookie, authorization");
        assert!(!response.headers().contains_key(header::STRICT_TRANSPORT_SECURITY));
    }

    #[tokio::test]
    async fn every_request_has_a_number_of_its_own_or_the_name_it_came_with() {
        let number = async |id| answer("/own", id).await.headers()[REQUEST_ID].clone();
        assert_ne!(number(None).await, number(None).await);
        assert_eq!(number(Some("from-a-proxy")).await, "from-a-proxy");
        assert_ne!(number(Some(&"x".repeat(200))).await, "x".repeat(200));
    }
}
