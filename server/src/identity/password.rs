//! Passwords: what is accepted, and how they are kept (argon2id with the parameters of RFC 9106, second choice:
//! 64 MiB is too much for a server that also holds a city, so OWASP's 19 MiB and two passes).

use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use gis_data::Text2;
use tokio::sync::Semaphore;

/// At least so many characters (GB/T 22239-2019 8.1.4.1 a; practice asks 8, we ask 10).
pub(crate) const LEAST: usize = 10;
/// More than this is a way to keep a server busy.
pub(crate) const MOST: usize = 128;
/// How many earlier passwords may not come again.
pub(crate) const HISTORY: i64 = 5;

/// How many are computed at once; each takes 19 MiB and some ten milliseconds.
static HASHING: Semaphore = Semaphore::const_new(2);

/// Every rule a new password breaks.
pub(crate) fn faults(password: &str, login: &str, name: &str) -> Vec<Text2> {
    let mut faults = Vec::new();
    let length = password.chars().count();
    if length < LEAST {
        faults.push(Text2::new(
            &format!("至少 {LEAST} 个字符，现在是 {length} 个"),
            &format!("at least {LEAST} characters, this has {length}"),
        ));
    }
    if length > MOST {
        faults.push(Text2::new(
            &format!("最多 {MOST} 个字符，现在是 {length} 个"),
            &format!("at most {MOST} characters, this has {length}"),
        ));
        return faults;
    }
    let is_a = |test: fn(char) -> bool| usize::from(password.chars().any(test));
    let classes = is_a(|c| c.is_ascii_lowercase())
        + is_a(|c| c.is_ascii_uppercase())
        + is_a(|c| c.is_ascii_digit())
        + is_a(|c| !c.is_ascii_alphanumeric());
    if classes < 3 {
        faults.push(Text2::new(
            "须含大写字母、小写字母、数字、其他字符中的至少三类",
            "at least three of: capitals, small letters, digits, other characters",
        ));
    }
    if !login.is_empty() && password.to_lowercase().contains(&login.to_lowercase()) {
        faults.push(Text2::new("不能包含账号名", "must not contain the account's name"));
    }
    if zxcvbn::zxcvbn(password, &[login, name, "onemap"]).score() < zxcvbn::Score::Three {
        faults.push(Text2::new(
            "太容易被猜到：请避免常用密码、连续或重复的字符",
            "too easy to guess: avoid common passwords, sequences and repetitions",
        ));
    }
    faults
}

/// The PHC string of a password.
pub(crate) async fn hash(password: String) -> anyhow::Result<String> {
    let _permit = HASHING.acquire().await?;
    tokio::task::spawn_blocking(move || {
        let salt = SaltString::generate(&mut OsRng);
        hasher()?
            .hash_password(password.as_bytes(), &salt)
            .map(|hash| hash.to_string())
            .map_err(|e| anyhow::anyhow!("hash a password: {e}"))
    })
    .await?
}

/// Whether the password is the one of the hash. Takes as long where there is no hash, so that nobody learns from the
/// time whether an account exists.
pub(crate) async fn verify(password: String, hash: Option<String>) -> anyhow::Result<bool> {
    let _permit = HASHING.acquire().await?;
    tokio::task::spawn_blocking(move || {
        let hasher = hasher()?;
        let Some(hash) = hash else {
            let salt = SaltString::generate(&mut OsRng);
            let _ = hasher.hash_password(password.as_bytes(), &salt);
            return Ok(false);
        };
        let parsed = PasswordHash::new(&hash).map_err(|e| anyhow::anyhow!("read a hash: {e}"))?;
        Ok(hasher.verify_password(password.as_bytes(), &parsed).is_ok())
    })
    .await?
}

fn hasher() -> anyhow::Result<Argon2<'static>> {
    let params =
        Params::new(19 * 1024, 2, 1, None).map_err(|e| anyhow::anyhow!("argon2id: {e}"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_broken_rule_is_named_at_once() {
        assert_eq!(faults("abc", "li", "李").len(), 3);
        assert_eq!(faults("Zhang.wei-2026x", "zhang.wei", "张伟").len(), 1);
        assert_eq!(faults("Password123!", "li", "李").len(), 1, "common");
        assert_eq!(faults("Kf9#vocaLtide", "li", "李"), []);
        assert_eq!(faults(&"长".repeat(129), "li", "李").len(), 1);
    }

    #[tokio::test]
    async fn a_password_is_known_again_and_another_is_not() {
        let kept = hash("Kf9#vocaLtide".to_owned()).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(verify("Kf9#vocaLtide".to_owned(), Some(kept.clone())).await.unwrap());
        assert!(!verify("Kf9#vocaLtidf".to_owned(), Some(kept)).await.unwrap());
        assert!(!verify("anything".to_owned(), None).await.unwrap());
    }
}
