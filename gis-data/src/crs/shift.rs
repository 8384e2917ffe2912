//! The shifted systems of Chinese internet maps: GCJ-02 (火星坐标) and BD-09 (百度坐标), by their
//! published formulas. The forward formulas have no closed inverse; it is found by iteration.

use std::f64::consts::PI;

const AXIS_M: f64 = 6_378_245.0;
const ECCENTRICITY_2: f64 = 0.006_693_421_622_965_943;
const BAIDU_PI: f64 = PI * 3000.0 / 180.0;

/// Whether the shift applies here; outside this box GCJ-02 is WGS 84.
pub(super) fn is_shifted(lon: f64, lat: f64) -> bool {
    (72.004..=137.834_7).contains(&lon) && (0.829_3..=55.827_1).contains(&lat)
}

/// WGS 84 -> GCJ-02, in degrees.
pub fn gcj02_from_wgs84(lon: f64, lat: f64) -> (f64, f64) {
    if !is_shifted(lon, lat) {
        return (lon, lat);
    }
    let (x, y) = (lon - 105.0, lat - 35.0);
    let root = x.abs().sqrt();
    let wave = 20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin();
    let north = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * root
        + (wave
            + 20.0 * (y * PI).sin()
            + 40.0 * (y / 3.0 * PI).sin()
            + 160.0 * (y / 12.0 * PI).sin()
            + 320.0 * (y / 30.0 * PI).sin())
            * 2.0
            / 3.0;
    let east = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * root
        + (wave
            + 20.0 * (x * PI).sin()
            + 40.0 * (x / 3.0 * PI).sin()
            + 150.0 * (x / 12.0 * PI).sin()
            + 300.0 * (x / 30.0 * PI).sin())
            * 2.0
            / 3.0;
    let (sin, cos) = lat.to_radians().sin_cos();
    let m = 1.0 - ECCENTRICITY_2 * sin * sin;
    let meridian_m = AXIS_M * (1.0 - ECCENTRICITY_2) / (m * m.sqrt());
    let parallel_m = AXIS_M / m.sqrt() * cos;
    (lon + (east / parallel_m).to_degrees(), lat + (north / meridian_m).to_degrees())
}

/// GCJ-02 -> WGS 84, exact to a millimetre against [`gcj02_from_wgs84`].
pub fn gcj02_to_wgs84(lon: f64, lat: f64) -> (f64, f64) {
    invert(gcj02_from_wgs84, lon, lat)
}

/// WGS 84 -> BD-09, in degrees.
pub fn bd09_from_wgs84(lon: f64, lat: f64) -> (f64, f64) {
    let (x, y) = gcj02_from_wgs84(lon, lat);
    let z = x.hypot(y) + 0.000_02 * (y * BAIDU_PI).sin();
    let theta = y.atan2(x) + 0.000_003 * (x * BAIDU_PI).cos();
    (z * theta.cos() + 0.006_5, z * theta.sin() + 0.006)
}

/// BD-09 -> WGS 84, exact to a millimetre against [`bd09_from_wgs84`].
pub fn bd09_to_wgs84(lon: f64, lat: f64) -> (f64, f64) {
    invert(bd09_from_wgs84, lon, lat)
}

/// Fixed-point iteration: the shift changes so slowly with place that each round gains about two
/// digits. Twelve rounds are far below a millimetre.
fn invert(forward: fn(f64, f64) -> (f64, f64), lon: f64, lat: f64) -> (f64, f64) {
    let (mut x, mut y) = (lon, lat);
    for _ in 0..12 {
        let (fx, fy) = forward(x, y);
        let (dx, dy) = (lon - fx, lat - fy);
        x += dx;
        y += dy;
        if dx.abs().max(dy.abs()) < 1e-10 {
            break;
        }
    }
    (x, y)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Places as independent implementations of the published formulas give them:
    /// (WGS 84, GCJ-02, BD-09).
    const REFERENCE: [[(f64, f64); 3]; 2] = [
        [
            (116.404, 39.915),
            (116.410_244_499_169, 39.916_404_281_502),
            (116.416_627_243_787, 39.922_699_552_216),
        ],
        [
            (121.473_701, 31.230_416),
            (121.478_224_06, 31.228_473_74),
            (121.484_782_47, 31.234_326_58),
        ],
    ];

    fn near(a: (f64, f64), b: (f64, f64)) -> bool {
        (a.0 - b.0).abs() < 1e-8 && (a.1 - b.1).abs() < 1e-8
    }

    #[test]
    fn the_published_places_come_out_in_both_directions() {
        for [wgs84, gcj02, bd09] in REFERENCE {
            assert!(near(gcj02_from_wgs84(wgs84.0, wgs84.1), gcj02), "{gcj02:?}");
            assert!(near(bd09_from_wgs84(wgs84.0, wgs84.1), bd09), "{bd09:?}");
            assert!(near(gcj02_to_wgs84(gcj02.0, gcj02.1), wgs84), "{gcj02:?}");
            assert!(near(bd09_to_wgs84(bd09.0, bd09.1), wgs84), "{bd09:?}");
        }
    }

    #[test]
    fn a_place_abroad_is_not_shifted() {
        assert_eq!(gcj02_to_wgs84(9.52, 47.14), (9.52, 47.14));
    }

    #[test]
    fn the_way_back_is_exact_all_over_the_country() {
        for i in 0..60 {
            for k in 0..40 {
                let (lon, lat) = (73.0 + f64::from(i), 3.0 + f64::from(k) * 1.3);
                let (x, y) = bd09_from_wgs84(lon, lat);
                let (x, y) = bd09_to_wgs84(x, y);
                assert!((x - lon).abs() < 1e-8 && (y - lat).abs() < 1e-8, "{lon} {lat}: {x} {y}");
            }
        }
    }
}
