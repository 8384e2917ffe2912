//! Fills an empty database with a generated city, in one transaction.

mod palette;
mod queries;
mod scopes;

use geo_types::Geometry;
use geozero::{CoordDimensions, ToWkb as _};
use sqlx::PgConnection;

use crate::demo::City;
use crate::layer::{self, standard_layers};
use crate::{FeatureId, Result, Store, Text2, Viewer};
use scopes::Scopes;

/// Publishes the layers of this crate. Run after every migration.
pub async fn publish_layers(store: &Store) -> Result<()> {
    let mut tx = store.as_viewer(&Viewer::program()).await?;
    for layer in standard_layers() {
        layer::publish(&mut tx, &layer).await?;
    }
    tx.commit().await.map_err(crate::GisError::query("publish layers"))
}

/// What every surface must say of this installation's data; `None` for real data.
pub async fn notice(store: &Store) -> Result<Option<Text2>> {
    let mut tx = store.as_viewer(&Viewer::program()).await?;
    queries::notice(&mut tx).await
}

/// Whether there is no feature yet.
pub async fn is_empty(store: &Store) -> Result<bool> {
    let mut tx = store.as_viewer(&Viewer::program()).await?;
    queries::is_empty(&mut tx).await
}

/// Some rooms in use, spread over the buildings: places for demo records.
pub async fn sample_rooms(store: &Store, count: usize) -> Result<Vec<FeatureId>> {
    let mut tx = store.as_viewer(&Viewer::program()).await?;
    queries::sample_rooms(&mut tx, count).await
}

/// Writes the city if the database has no features; answers whether it did.
pub async fn fill(store: &Store, city: &City) -> Result<bool> {
    let mut tx = store.as_viewer(&Viewer::program()).await?;
    if !queries::is_empty(&mut tx).await? {
        return Ok(false);
    }
    let orgs = write_orgs(&mut tx, city).await?;
    let scopes = Scopes::new(orgs.clone());
    write_places(&mut tx, city, &orgs, scopes).await?;
    queries::set_notice(&mut tx, &Text2::new(city.notice, "Fictional sample data")).await?;
    queries::refresh_statistics(&mut tx).await?;
    tx.commit().await.map_err(crate::GisError::query("write the city"))?;
    Ok(true)
}

async fn write_orgs(connection: &mut PgConnection, city: &City) -> Result<Vec<i64>> {
    let mut region_paths: Vec<String> = Vec::new();
    for region in &city.regions {
        let path = match region.parent {
            Some(parent) => format!("{}.r{}", region_paths[parent], region.code),
            None => format!("r{}", region.code),
        };
        let area = wkb(&Geometry::MultiPolygon(region.area.clone()));
        queries::insert_region(connection, &region.code, &region.name, &path, area).await?;
        region_paths.push(path);
    }
    let ids = queries::next_org_ids(connection, city.orgs.len()).await?;
    let mut paths: Vec<String> = Vec::new();
    for (n, org) in city.orgs.iter().enumerate() {
        let path = match org.parent {
            Some(parent) => format!("{}.{}", paths[parent], org.code),
            None => org.code.clone(),
        };
        queries::insert_org(connection, ids[n], org, &path, palette::color(n)).await?;
        paths.push(path);
    }
    Ok(ids)
}

async fn write_places(
    connection: &mut PgConnection,
    city: &City,
    orgs: &[i64],
    mut scopes: Scopes,
) -> Result<()> {
    let mut kind = Kind { connection, scopes: &mut scopes };
    let parcels =
        kind.identify("parcel", city.parcels.iter().map(|p| (vec![p.org], vec![], None))).await?;
    let buildings = kind
        .identify(
            "building",
            city.buildings.iter().map(|b| {
                (vec![b.managing_org], b.using_orgs.clone(), b.parcel.map(|p| parcels[p]))
            }),
        )
        .await?;
    let floors = kind
        .identify(
            "floor",
            city.floors.iter().map(|f| {
                let b = &city.buildings[f.building];
                (vec![b.managing_org], b.using_orgs.clone(), Some(buildings[f.building]))
            }),
        )
        .await?;
    let rooms = kind
        .identify(
            "room",
            city.rooms.iter().map(|r| {
                let b = &city.buildings[city.floors[r.floor].building];
                (vec![b.managing_org], r.org.into_iter().collect(), Some(floors[r.floor]))
            }),
        )
        .await?;
    let facilities = kind
        .identify(
            "facility",
            city.facilities.iter().map(|f| (vec![f.org], vec![], Some(parcels[f.parcel]))),
        )
        .await?;
    let ground = |count: usize| (0..count).map(|_| (vec![], vec![], None));
    let roads = kind.identify("road", ground(city.roads.len())).await?;
    let water = kind.identify("water", ground(city.water.len())).await?;
    let green = kind.identify("green", ground(city.green.len())).await?;
    let vehicles =
        kind.identify("vehicle", city.vehicles.iter().map(|v| (vec![v.org], vec![], None))).await?;
    queries::insert_parcels(connection, &parcels, &city.parcels, orgs).await?;
    queries::insert_buildings(connection, &buildings, &city.buildings, orgs).await?;
    queries::insert_floors(connection, &floors, &city.floors, &buildings).await?;
    queries::insert_rooms(connection, &rooms, city, &floors, &buildings, orgs).await?;
    queries::insert_facilities(connection, &facilities, &city.facilities, orgs).await?;
    queries::insert_roads(connection, &roads, &city.roads).await?;
    queries::insert_areas(connection, queries::AreaTable::Water, &water, &city.water).await?;
    queries::insert_areas(connection, queries::AreaTable::Green, &green, &city.green).await?;
    queries::insert_vehicles(connection, &vehicles, &city.vehicles, orgs).await
}

/// Managing organisations, using organisations (both as indexes into the city), and the parent's id.
type Belonging = (Vec<usize>, Vec<usize>, Option<i64>);

struct Kind<'a> {
    connection: &'a mut PgConnection,
    scopes: &'a mut Scopes,
}

impl Kind<'_> {
    /// Gives a feature id to every member of a kind.
    async fn identify(
        &mut self,
        kind: &str,
        members: impl Iterator<Item = Belonging>,
    ) -> Result<Vec<i64>> {
        let (mut scope_ids, mut parents) = (Vec::new(), Vec::new());
        for (managing, using, parent) in members {
            scope_ids.push(self.scopes.id(self.connection, &managing, &using, kind).await?);
            parents.push(parent);
        }
        queries::insert_features(self.connection, kind, &scope_ids, &parents).await
    }
}

/// Well-known binary of a geometry in degrees.
fn wkb(geometry: &Geometry<f64>) -> Vec<u8> {
    geometry.to_wkb(CoordDimensions::xy()).expect("a geometry in memory can be written to memory")
}
