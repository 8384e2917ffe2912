//! The audit log 审计日志: who did what, when, from where, with what outcome. Rows are only added, and each is sealed
//! with the hash of the one before, so that a change anywhere shows.

mod archive;
mod queries;
mod verify;

use gis_data::Text2;
use serde::Serialize;
use serde_json::{Value, json};

use crate::identity::Origin;

pub(crate) use archive::{KEPT_DAYS, archive};
pub(crate) use queries::{Question, append, list};
pub(crate) use verify::{Verdict, verify, verify_file};

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Ok,
    /// Not allowed.
    Refused,
    /// Tried, and did not succeed.
    Failed,
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// A row to be.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    actor: Option<&'a str>,
    action: &'static str,
    target: Option<String>,
    outcome: Outcome,
    address: Option<&'a str>,
    detail: Value,
}

impl<'a> Entry<'a> {
    /// Something that somebody did, and that succeeded unless it is said otherwise.
    pub(crate) fn of(actor: &'a str, action: &'static str, from: &'a Origin) -> Self {
        debug_assert!(ACTIONS.iter().any(|a| a.0 == action), "{action} has no title");
        Self {
            actor: Some(actor),
            action,
            target: None,
            outcome: Outcome::Ok,
            address: Some(&from.address),
            detail: json!({}),
        }
    }

    /// What it was done to.
    #[must_use]
    pub(crate) fn on(mut self, target: &str) -> Self {
        self.target = Some(target.to_owned());
        self
    }

    #[must_use]
    pub(crate) fn ended(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    #[must_use]
    pub(crate) fn with(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }
}

/// Everything that is logged, and what people call it.
pub(crate) const ACTIONS: [(&str, &str, &str); 25] = [
    ("sign-in", "登录", "Sign-in"),
    ("sign-out", "退出登录", "Sign-out"),
    ("change-password", "修改密码", "Password changed"),
    ("second-factor-on", "启用动态口令", "Second factor on"),
    ("second-factor-off", "停用动态口令", "Second factor off"),
    ("token-made", "新建令牌", "Token made"),
    ("token-revoked", "撤销令牌", "Token revoked"),
    ("user-created", "新建账号", "Account made"),
    ("user-disabled", "停用账号", "Account disabled"),
    ("user-enabled", "启用账号", "Account enabled"),
    ("password-reset", "重置密码", "Password reset"),
    ("user-signed-out", "强制退出", "Signed out by an administrator"),
    ("right-granted", "授予权限", "Right granted"),
    ("right-revoked", "撤销权限", "Right revoked"),
    ("terminal-registered", "终端注册", "Terminal registered"),
    ("terminal-credential-issued", "签发终端凭据", "Terminal credential issued"),
    ("terminal-credential-revoked", "吊销终端凭据", "Terminal credential revoked"),
    ("audit-verified", "验证审计日志", "Audit log verified"),
    ("audit-exported", "导出审计日志", "Audit log exported"),
    ("tiles-exported", "导出瓦片", "Tiles exported"),
    ("unmasked", "查看明文", "Masks lifted"),
    ("masked-again", "恢复脱敏", "Masks put back"),
    ("icon-put", "设置图标", "Icon added or replaced"),
    ("icon-removed", "移除图标", "Icon removed"),
    ("refusal", "越权访问", "Refused"),
];

/// What people call an action.
pub(crate) fn title(action: &str) -> Text2 {
    let known = ACTIONS.iter().find(|a| a.0 == action);
    known.map_or_else(|| Text2::new(action, action), |a| Text2::new(a.1, a.2))
}
