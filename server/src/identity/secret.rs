//! Secrets drawn at random, and the forms in which they are kept.

use chacha20poly1305::aead::{Aead as _, KeyInit as _};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};

/// What a token, a session or a credential is kept as.
pub(crate) type Digest = [u8; 32];

/// The server's own key: hashes the credentials of terminals and encrypts second factors.
#[derive(Clone)]
pub(crate) struct ServerKey([u8; 32]);

const NONCE_BYTES: usize = 12;

/// 256 random bits in letters that are safe in URLs, headers and MQTT passwords.
pub(crate) fn draw() -> anyhow::Result<String> {
    Ok(BASE64URL_NOPAD.encode(&draw_bytes()?))
}

/// 256 random bits.
pub(crate) fn draw_bytes() -> anyhow::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// A first password that can be read aloud: four groups of four, 80 random bits.
pub(crate) fn draw_password() -> anyhow::Result<String> {
    let letters = BASE32_NOPAD.encode(draw_bytes()?.get(..10).unwrap_or_default()).to_lowercase();
    let groups: Vec<String> =
        letters.as_bytes().chunks(4).map(|c| String::from_utf8_lossy(c).into_owned()).collect();
    Ok(groups.join("-"))
}

/// Enough for what nobody can guess: 256 random bits need no slow hash.
pub(crate) fn digest(secret: &str) -> Digest {
    Sha256::digest(secret.as_bytes()).into()
}

/// In a time that does not depend on where they differ.
pub(crate) fn is_same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |d, (x, y)| d | (x ^ y)) == 0
}

impl ServerKey {
    pub(crate) fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// A digest that is worth nothing without the key.
    pub(crate) fn keyed(&self, purpose: &str, secret: &str) -> Digest {
        let mut mac = <Hmac<Sha256> as hmac::Mac>::new_from_slice(&self.0)
            .expect("HMAC takes a key of any length");
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(secret.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// Nonce, then ciphertext.
    pub(crate) fn seal(&self, plain: &[u8]) -> anyhow::Result<Vec<u8>> {
        let drawn = draw_bytes()?;
        let nonce = drawn.get(..NONCE_BYTES).unwrap_or_default();
        let sealed = self
            .cipher()
            .encrypt(Nonce::from_slice(nonce), plain)
            .map_err(|_opaque| anyhow::anyhow!("encrypt a secret"))?;
        Ok([nonce, &sealed].concat())
    }

    /// `None` when it was sealed with another key, or changed since.
    pub(crate) fn open(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, ciphertext) = sealed.split_at_checked(NONCE_BYTES)?;
        self.cipher().decrypt(Nonce::from_slice(nonce), ciphertext).ok()
    }

    fn cipher(&self) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new(Key::from_slice(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_sealed_opens_with_the_same_key_only() {
        let key = ServerKey::new([7; 32]);
        let sealed = key.seal(b"second factor").unwrap();
        assert_eq!(key.open(&sealed).unwrap(), b"second factor");
        assert_eq!(ServerKey::new([8; 32]).open(&sealed), None);
        let mut changed = sealed;
        *changed.last_mut().unwrap() ^= 1;
        assert_eq!(key.open(&changed), None);
        assert_eq!(key.open(b"short"), None);
    }

    #[test]
    fn a_keyed_digest_depends_on_key_purpose_and_secret() {
        let key = ServerKey::new([7; 32]);
        let one = key.keyed("terminal", "a");
        assert_eq!(one, key.keyed("terminal", "a"));
        assert_ne!(one, key.keyed("terminal", "b"));
        assert_ne!(one, key.keyed("termina", "la"));
        assert_ne!(one, ServerKey::new([8; 32]).keyed("terminal", "a"));
    }

    #[test]
    fn a_first_password_has_four_groups_and_is_never_the_same() {
        let one = draw_password().unwrap();
        assert_eq!(one.split('-').map(str::len).collect::<Vec<_>>(), [4; 4]);
        assert_ne!(one, draw_password().unwrap());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn random_bytes_are_opened_only_when_they_were_sealed(plain in any::<Vec<u8>>(), noise in any::<Vec<u8>>(), at in any::<prop::sample::Index>(), bit in 0_u8..8) {
            let key = ServerKey::new([7; 32]);
            prop_assert_eq!(key.open(&noise), None);
            let mut sealed = key.seal(&plain).unwrap();
            prop_assert_eq!(key.open(&sealed), Some(plain));
            let at = at.index(sealed.len());
            sealed[at] ^= 1 << bit;
            prop_assert_eq!(key.open(&sealed), None);
            prop_assert_eq!(key.open(&sealed[..at]), None);
        }
    }
}
