//! What is said in Chinese and in English.

use std::borrow::Cow;

use serde::Serialize;

/// The same in two languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Words {
    /// In Chinese.
    pub zh: Cow<'static, str>,
    /// In English.
    pub en: Cow<'static, str>,
}

impl Words {
    pub(super) const fn fixed(zh: &'static str, en: &'static str) -> Self {
        Self { zh: Cow::Borrowed(zh), en: Cow::Borrowed(en) }
    }

    pub(super) fn new(zh: String, en: String) -> Self {
        Self { zh: Cow::Owned(zh), en: Cow::Owned(en) }
    }

    /// A number or a name that needs no translation.
    pub(super) fn same(text: impl Into<String>) -> Self {
        let text: String = text.into();
        Self::new(text.clone(), text)
    }

    pub(super) fn joined(all: &[Self]) -> Self {
        let zh: Vec<&str> = all.iter().map(|words| words.zh.as_ref()).collect();
        let en: Vec<&str> = all.iter().map(|words| words.en.as_ref()).collect();
        Self::new(zh.join("、"), en.join(", "))
    }
}
