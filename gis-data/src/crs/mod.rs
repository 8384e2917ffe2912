//! Coordinate reference systems 坐标系: what an import may declare, and the way from there to WGS 84.
//!
//! Coordinates are always in the order east, north (longitude, latitude), whatever order the EPSG
//! definition gives its axes, because that is the order files are written in.
//!
//! Every accepted system is defined here by its parameters, so that no PROJ database is needed at
//! run time. CGCS2000 and WGS 84 are the same to a few centimetres and are not told apart.

mod accepted;
mod shift;
mod wkt;

use std::fmt;

use proj::Proj;

pub use accepted::{Crs, CrsError};
pub use shift::{bd09_from_wgs84, bd09_to_wgs84, gcj02_from_wgs84, gcj02_to_wgs84};

use accepted::Kind;

/// Brings coordinates of one system to WGS 84 longitude and latitude.
///
/// PROJ's objects belong to one thread, so a projector is made where it is used.
pub struct Projector {
    crs: Crs,
    way: Way,
}

enum Way {
    Same,
    Proj(Proj),
    Shift(fn(f64, f64) -> (f64, f64)),
}

impl Projector {
    /// Prepares the way from `crs` to WGS 84.
    pub fn new(crs: Crs) -> Result<Self, CrsError> {
        let way = match crs.kind() {
            Kind::Wgs84 | Kind::Cgcs2000 => Way::Same,
            Kind::Gcj02 => Way::Shift(gcj02_to_wgs84),
            Kind::Bd09 => Way::Shift(bd09_to_wgs84),
            Kind::WebMercator => Way::Proj(pipeline(crs, "+proj=webmerc +ellps=WGS84")?),
            Kind::Utm { zone, south } => {
                let side = if south { " +south" } else { "" };
                Way::Proj(pipeline(crs, &format!("+proj=utm +zone={zone}{side} +ellps=WGS84"))?)
            }
            Kind::Belt(belt) => Way::Proj(pipeline(
                crs,
                &format!(
                    "+proj=tmerc +lat_0=0 +lon_0={} +k=1 +x_0={} +y_0=0 +ellps=GRS80",
                    belt.meridian_deg,
                    belt.false_easting_m()
                ),
            )?),
        };
        Ok(Self { crs, way })
    }

    /// Longitude and latitude of an east, north pair; `None` where the system has no such place.
    pub fn to_lonlat(&self, east: f64, north: f64) -> Option<(f64, f64)> {
        if !self.crs.covers(east, north) {
            return None;
        }
        let (lon, lat) = match &self.way {
            Way::Same => (east, north),
            Way::Shift(shift) => shift(east, north),
            Way::Proj(proj) => proj.convert((east, north)).ok()?,
        };
        (lon.is_finite() && lat.is_finite() && lon.abs() <= 180.0 && lat.abs() <= 90.0)
            .then_some((lon, lat))
    }

    /// The system it comes from.
    pub fn crs(&self) -> Crs {
        self.crs
    }
}

impl fmt::Debug for Projector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Projector").field("crs", &self.crs).finish_non_exhaustive()
    }
}

fn pipeline(crs: Crs, projection: &str) -> Result<Proj, CrsError> {
    let definition = format!(
        "+proj=pipeline +step +inv {projection} +step +proj=unitconvert +xy_in=rad +xy_out=deg"
    );
    Proj::new(&definition).map_err(|source| CrsError::Proj { crs: crs.to_string(), source })
}

#[cfg(test)]
mod tests {
    use proptest::num;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::noise;

    fn to_lonlat(crs: &str, east: f64, north: f64) -> (f64, f64) {
        Projector::new(crs.parse().unwrap()).unwrap().to_lonlat(east, north).unwrap()
    }

    /// Reference values from PostGIS 3 with PROJ 9.1.1 and the EPSG database:
    /// `st_transform(st_setsrid(st_makepoint(lon, lat), 4326), code)`.
    #[test]
    fn every_family_of_codes_lands_where_the_epsg_database_puts_it() {
        for (crs, east, north, lon, lat) in [
            ("EPSG:4549", 514_432.147_998_83, 3_351_162.269_314_13, 120.15, 30.28),
            ("EPSG:4528", 40_514_432.147_998_83, 3_351_162.269_314_13, 120.15, 30.28),
            ("EPSG:4548", 449_042.047_441_02, 4_420_261.219_996_82, 116.404, 39.915),
            ("EPSG:4539", 500_000.0, 4_784_938.820_895_46, 90.0, 43.2),
            ("EPSG:4513", 25_525_840.986_315_67, 4_362_954.645_933_6, 75.3, 39.4),
            ("EPSG:4533", 45_440_415.389_275_16, 5_329_856.352_456_37, 134.2, 48.1),
            ("EPSG:4554", 440_415.389_275_16, 5_329_856.352_456_37, 134.2, 48.1),
            ("EPSG:4491", 13_430_796.066_483_4, 4_329_910.340_535, 74.2, 39.1),
            ("EPSG:4501", 23_440_415.389_275_16, 5_329_856.352_456_37, 134.2, 48.1),
            ("EPSG:4502", 430_796.066_483_4, 4_329_910.340_535, 74.2, 39.1),
            ("EPSG:4512", 440_415.389_275_16, 5_329_856.352_456_37, 134.2, 48.1),
            ("EPSG:3857", 13_524_305.124_016_52, 3_664_048.231_936_41, 121.490_9, 31.240_7),
            ("EPSG:32651", 356_287.569_335_35, 3_457_259.748_542_88, 121.490_9, 31.240_7),
            ("EPSG:4490", 121.490_9, 31.240_7, 121.490_9, 31.240_7),
        ] {
            let (x, y) = to_lonlat(crs, east, north);
            assert!((x - lon).abs() < 1e-8 && (y - lat).abs() < 1e-8, "{crs}: {x} {y}");
        }
    }

    #[test]
    fn a_place_outside_the_belt_has_no_longitude_and_latitude() {
        let belt = Projector::new("EPSG:4549".parse().unwrap()).unwrap();
        assert!(belt.to_lonlat(121.49, 31.24).is_none(), "degrees");
        assert!(belt.to_lonlat(40_514_432.0, 3_351_162.0).is_none(), "belt prefix");
        assert!(belt.to_lonlat(f64::NAN, 3_351_162.0).is_none());
    }

    thread_local! {
        static PROJECTORS: Vec<Projector> = [
            "EPSG:4326", "EPSG:4490", "EPSG:3857", "EPSG:32601", "EPSG:32760", "EPSG:4491",
            "EPSG:4512", "EPSG:4513", "EPSG:4528", "EPSG:4554", "GCJ-02", "BD-09",
        ]
        .iter()
        .map(|name| Projector::new(name.parse().unwrap()).unwrap())
        .collect();
    }

    fn name() -> impl Strategy<Value = String> {
        let head = [
            "EPSG:",
            "epsg:",
            "",
            "urn:ogc:def:crs:EPSG::",
            "http://www.opengis.net/def/crs/EPSG/0/",
            " EPSG/",
        ];
        let code = prop_oneof![
            4200..4900_u32,
            32_500..32_800_u32,
            any::<u32>(),
            select(vec![3857, 4326, 4490])
        ];
        let coded = (select(head.to_vec()), code).prop_map(|(head, code)| format!("{head}{code}"));
        let words =
            ["GCJ-02", "bd09", "CGCS2000", "WGS 84", "urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4528"];
        let damaged =
            noise::damaged(select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec()));
        let damaged = damaged.prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        prop_oneof![noise::text(30), coded, damaged, select(words.to_vec()).prop_map(str::to_owned)]
    }

    fn number() -> impl Strategy<Value = f64> {
        prop_oneof![-200.0..200.0, -3e7..5e7, num::f64::ANY]
    }

    proptest! {
        #![proptest_config(noise::config())]

        #[test]
        fn random_names_are_systems_only_when_they_print_back(text in name()) {
            match text.parse::<Crs>() {
                Ok(crs) => {
                    prop_assert_eq!(crs.to_string().parse::<Crs>().unwrap(), crs);
                    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).count();
                    prop_assert!(digits(&text) >= 2, "{text:?} became {crs}");
                }
                Err(refused) => prop_assert!(!refused.to_string().is_empty() && !refused.message_zh().is_empty()),
            }
        }

        #[test]
        fn random_coordinates_land_on_the_earth_or_nowhere(east in number(), north in number()) {
            PROJECTORS.with(|all| {
                for projector in all {
                    let crs = projector.crs();
                    if let Some((lon, lat)) = projector.to_lonlat(east, north) {
                        prop_assert!(lon.abs() <= 180.0 && lat.abs() <= 90.0, "{crs}: {lon} {lat}");
                        prop_assert!(crs.covers(east, north));
                    }
                    if let Some((en, zh)) = crs.guess(east, north) {
                        prop_assert!(!en.is_empty() && !zh.is_empty());
                    }
                }
                Ok(())
            })?;
        }

        #[test]
        fn random_places_in_china_come_back_from_the_shifted_systems(lon in 75.0..135.0, lat in 18.0..53.0) {
            let (x, y) = gcj02_from_wgs84(lon, lat);
            let (back_lon, back_lat) = gcj02_to_wgs84(x, y);
            prop_assert!((back_lon - lon).abs() < 1e-6 && (back_lat - lat).abs() < 1e-6);
            let (x, y) = bd09_from_wgs84(lon, lat);
            let (back_lon, back_lat) = bd09_to_wgs84(x, y);
            prop_assert!((back_lon - lon).abs() < 2e-6 && (back_lat - lat).abs() < 2e-6, "{back_lon} {back_lat}");
        }
    }
}
