//! The second factor: six digits of the moment (TOTP, RFC 6238) from an application that scanned the secret once.

use super::secret::is_same;
use anyhow::Context as _;
use qrcode::render::svg;
use totp_rs::{Algorithm, Secret, TOTP};

const STEP_S: u64 = 30;
/// Steps before and after that are taken too: clocks differ.
const SKEW: u8 = 1;

/// A secret that was drawn, with the ways to bring it into an application.
pub(crate) struct Offer {
    pub(crate) secret: Vec<u8>,
    pub(crate) base32: String,
    pub(crate) uri: String,
    pub(crate) qr_svg: String,
}

/// Draws a secret for an account.
pub(crate) fn offer(login: &str) -> anyhow::Result<Offer> {
    let secret = super::secret::draw_bytes()?.get(..20).unwrap_or_default().to_vec();
    let totp = totp(secret.clone(), login)?;
    let uri = totp.get_url();
    let code = qrcode::QrCode::new(&uri).context("draw a QR code")?;
    let qr_svg = code.render::<svg::Color<'_>>().min_dimensions(192, 192).build();
    let base32 = Secret::Raw(secret.clone()).to_encoded().to_string();
    Ok(Offer { secret, base32, uri, qr_svg })
}

/// The step that the code belongs to, when it is right and later than the last one used.
pub(crate) fn matched_step(secret: &[u8], code: &str, now_s: u64, last_step: i64) -> Option<i64> {
    let totp = totp(secret.to_vec(), "").ok()?;
    let current = i64::try_from(now_s / STEP_S).ok()?;
    let skew = i64::from(SKEW);
    (current - skew..=current + skew).filter(|step| *step > last_step).find(|step| {
        u64::try_from(*step).is_ok_and(|step| {
            is_same(totp.generate(step * STEP_S).as_bytes(), code.trim().as_bytes())
        })
    })
}

fn totp(secret: Vec<u8>, login: &str) -> anyhow::Result<TOTP> {
    TOTP::new(Algorithm::SHA1, 6, SKEW, STEP_S, secret, Some("OneMap".to_owned()), login.to_owned())
        .context("make a second factor")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn codes_are_those_of_rfc_6238_and_good_once() {
        // Appendix B, SHA-1, the last six of eight digits.
        let secret = b"12345678901234567890";
        for (now_s, code) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")]
        {
            let step = matched_step(secret, code, now_s, 0).unwrap();
            assert_eq!(step, i64::try_from(now_s / 30).unwrap());
            assert_eq!(matched_step(secret, code, now_s, step), None, "a second time");
            assert!(matched_step(secret, code, now_s + 30, 0).is_some(), "a slow clock");
            assert_eq!(matched_step(secret, code, now_s + 90, 0), None, "too late");
        }
        assert_eq!(matched_step(secret, "28708", 59, 0), None);
    }

    #[test]
    fn an_offer_can_be_scanned() {
        let offer = offer("zhang.wei").unwrap();
        assert!(offer.uri.starts_with("otpauth://totp/OneMap:zhang.wei?"), "{}", offer.uri);
        assert!(offer.uri.contains(&offer.base32) && offer.qr_svg.contains("<svg"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn random_codes_are_refused(code in "\\PC{0,12}", now_s in any::<u64>(), last_step in any::<i64>()) {
            let secret = b"12345678901234567890";
            prop_assume!(code.trim().len() != 6);
            prop_assert_eq!(matched_step(secret, &code, now_s, last_step), None);
        }

        #[test]
        fn random_moments_take_their_own_code_once(now_s in 0_u64..4_000_000_000) {
            let secret = b"12345678901234567890";
            let code = totp(secret.to_vec(), "").unwrap().generate(now_s);
            let step = matched_step(secret, &code, now_s, 0);
            prop_assert!(step.is_some() || now_s < 30);
            if let Some(step) = step {
                prop_assert_eq!(matched_step(secret, &code, now_s, step.max(i64::try_from(now_s / 30).unwrap() + 1)), None);
            }
        }
    }
}
