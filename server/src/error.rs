//! Faults as RFC 9457 problem details, in both languages. The cause is logged once, here.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use gis_data::{GisError, Permission, Text2};
use serde::Serialize;

/// What a handler answers when it cannot answer.
#[derive(Debug)]
pub(crate) struct ApiError(Box<Fault>);

#[derive(Debug)]
struct Fault {
    status: StatusCode,
    code: &'static str,
    title: Text2,
    detail: Text2,
    extra: Option<serde_json::Value>,
    retry_after_s: Option<u64>,
}

/// The result of every handler.
pub(crate) type ApiResult<T> = Result<T, ApiError>;

#[derive(Serialize)]
struct Problem<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'a Text2,
    status: u16,
    code: &'a str,
    detail: &'a Text2,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<&'a serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_s: Option<u64>,
}

impl ApiError {
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        title: (&str, &str),
        detail: (&str, &str),
    ) -> Self {
        Self(Box::new(Fault {
            status,
            code,
            title: Text2::new(title.0, title.1),
            detail: Text2::new(detail.0, detail.1),
            extra: None,
            retry_after_s: None,
        }))
    }

    /// With every fault of the input, each with its place.
    pub(crate) fn with_errors(mut self, errors: serde_json::Value) -> Self {
        self.0.extra = Some(errors);
        self
    }

    /// When it makes sense to try again.
    pub(crate) fn retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after_s = Some(wait.as_secs().max(1));
        self
    }

    /// What stands in an answer about several things, of which this one failed.
    pub(crate) fn problem(&self) -> serde_json::Value {
        let fault = &*self.0;
        serde_json::json!({"type": format!("/problems/{}", fault.code), "title": fault.title,
            "status": fault.status.as_u16(), "code": fault.code, "detail": fault.detail, "errors": fault.extra})
    }

    /// The stable name of the fault.
    pub(crate) fn code(&self) -> &'static str {
        self.0.code
    }

    /// Nobody has signed in, or no longer.
    pub(crate) fn not_signed_in() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "not-signed-in",
            ("请先登录", "Not signed in"),
            ("登录已失效或尚未登录，请登录后再试", "sign in first; the session may be over"),
        )
    }

    pub(crate) fn forbidden(code: &'static str, title: (&str, &str), detail: (&str, &str)) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, title, detail)
    }

    /// A first password opens nothing but the page where it is changed.
    pub(crate) fn password_change_needed() -> Self {
        Self::forbidden(
            "password-change-needed",
            ("请先修改初始密码", "Change the first password"),
            ("首次登录须修改密码后才能使用", "change the first password before anything else"),
        )
    }

    /// Signed in, but nothing that was granted allows it.
    pub(crate) fn not_allowed(needed: &[Permission]) -> Self {
        let titles: Vec<_> = needed.iter().map(|p| p.title()).collect();
        let zh: Vec<&str> = titles.iter().map(|t| t.zh.as_str()).collect();
        let en: Vec<&str> = titles.iter().map(|t| t.en.as_str()).collect();
        Self::new(
            StatusCode::FORBIDDEN,
            "not-allowed",
            ("没有权限", "Not allowed"),
            (
                &format!("需要“{}”权限，请联系安全管理员授权", zh.join("”或“")),
                &format!(
                    "this needs the right to: {}; ask the security administrator",
                    en.join(" or ")
                ),
            ),
        )
    }

    pub(crate) fn not_found(zh: &str, en: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", ("没有找到", "Not found"), (zh, en))
    }

    pub(crate) fn bad_request(zh: &str, en: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", ("请求有误", "Bad request"), (zh, en))
    }

    /// A text with the character NUL.
    pub(crate) fn nul() -> Self {
        Self::bad_request(
            "文字中含有空字符（NUL），请删除后再试",
            "a text has the character NUL in it; take it out",
        )
    }

    pub(crate) fn not_ready() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "not-ready",
            ("服务正在启动", "Starting"),
            (
                "图层正在装入内存，请稍候几秒再试",
                "layers are being loaded into memory, try again in a few seconds",
            ),
        )
    }

    /// A failure of ours: logged with its cause, answered without it.
    pub(crate) fn internal(cause: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error = cause, "a request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            ("服务出错", "Server error"),
            (
                "服务内部出错，详情已记入日志",
                "something failed inside the server; the log has the details",
            ),
        )
    }

    fn unavailable(cause: &(dyn std::error::Error + 'static)) -> Self {
        tracing::warn!(error = cause, "the database did not answer");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "database-unavailable",
            ("数据库暂时不可用", "Database unavailable"),
            (
                "数据库暂时没有应答，服务会自动重连，请稍后再试",
                "the database does not answer; the server keeps trying",
            ),
        )
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.0.code, self.0.detail.en)
    }
}

impl std::error::Error for ApiError {}

impl From<GisError> for ApiError {
    fn from(error: GisError) -> Self {
        match &error {
            GisError::Connect(_)
            | GisError::Query {
                source: sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed,
                ..
            } => Self::unavailable(&error),
            _ => Self::internal(&error),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let fault = *self.0;
        let problem = Problem {
            kind: format!("/problems/{}", fault.code),
            title: &fault.title,
            status: fault.status.as_u16(),
            code: fault.code,
            detail: &fault.detail,
            errors: fault.extra.as_ref(),
            retry_after_s: fault.retry_after_s,
        };
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = (fault.status, body).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        let is_away = fault.status == StatusCode::SERVICE_UNAVAILABLE;
        if let Some(wait_s) = fault.retry_after_s.or_else(|| is_away.then_some(2)) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait_s));
        }
        response
    }
}
