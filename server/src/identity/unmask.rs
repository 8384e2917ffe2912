//! Lifting masks 查看明文: for a while, with a reason, on file.

use std::sync::PoisonError;
use std::time::Duration;

use axum::http::StatusCode;
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::sign_in::Origin;
use super::{By, Identity, Known, queries};
use crate::audit::{self, Entry};
use crate::error::{ApiError, ApiResult};

/// Long enough to make a telephone call, short enough to be forgotten.
const LIFTED: Duration = Duration::from_mins(10);
const REASON_CHARS: std::ops::RangeInclusive<usize> = 2..=200;

impl Identity {
    /// Lifts the masks of this session; answers until when.
    pub(crate) async fn unmask(
        &self,
        known: &Known,
        reason: &str,
        from: &Origin,
    ) -> ApiResult<OffsetDateTime> {
        let session_id = session_of(known)?;
        let reason = reason.trim();
        let length = reason.chars().count();
        if !REASON_CHARS.contains(&length) {
            return Err(bad_reason(length));
        }
        // To the second, as it is held in memory.
        let until = (OffsetDateTime::now_utc() + LIFTED).truncate_to_second();
        let mut tx = self.begin().await?;
        queries::end_unmasking(&mut tx, session_id).await?;
        queries::begin_unmasking(&mut tx, session_id, reason, until).await?;
        let entry = Entry::of(&known.account.login, "unmasked", from)
            .with(json!({"reason": reason, "until": until.format(&Rfc3339).ok()}));
        audit::append(&mut tx, &entry).await?;
        tx.commit().await.map_err(queries::failed("lift masks"))?;
        self.forget();
        Ok(until)
    }

    /// Puts the masks back before their time.
    pub(crate) async fn mask_again(&self, known: &Known, from: &Origin) -> ApiResult<()> {
        let session_id = session_of(known)?;
        let mut tx = self.begin().await?;
        if queries::end_unmasking(&mut tx, session_id).await? {
            let entry = Entry::of(&known.account.login, "masked-again", from);
            audit::append(&mut tx, &entry).await?;
        }
        tx.commit().await.map_err(queries::failed("put masks back"))?;
        self.forget();
        Ok(())
    }

    /// Whether somebody's time is over; open streams must then look at their rights again.
    pub(super) fn has_lapsed(&self, now: i64) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.values().any(|k| k.unmasked_until.is_some_and(|until| until <= now))
    }
}

fn session_of(known: &Known) -> ApiResult<i64> {
    match known.by {
        By::Session(id) => Ok(id),
        By::Token(_) => Err(ApiError::forbidden(
            "session-needed",
            ("需要登录会话", "A session is needed"),
            (
                "查看明文须由本人登录后操作，令牌不能",
                "masks are lifted by a person who has signed in, not by a token",
            ),
        )),
    }
}

fn bad_reason(length: usize) -> ApiError {
    let (least, most) = (REASON_CHARS.start(), REASON_CHARS.end());
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "reason-needed",
        ("请填写理由", "A reason is needed"),
        (
            &format!("查看明文的理由须为 {least}–{most} 个字，现为 {length} 个字"),
            &format!("the reason has {length} characters; it takes {least} to {most}"),
        ),
    )
}
