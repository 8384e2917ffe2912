//! Scopes already asked for: a city has thousands of features and some hundreds of scopes.

use std::collections::HashMap;

use sqlx::PgConnection;

use super::queries;
use crate::Result;

type Key = (Vec<usize>, Vec<usize>, String);

pub(super) struct Scopes {
    /// Database id of each organisation of the city.
    orgs: Vec<i64>,
    known: HashMap<Key, i32>,
}

impl Scopes {
    pub(super) fn new(orgs: Vec<i64>) -> Self {
        Self { orgs, known: HashMap::new() }
    }

    pub(super) async fn id(
        &mut self,
        connection: &mut PgConnection,
        managing: &[usize],
        using: &[usize],
        kind: &str,
    ) -> Result<i32> {
        let key = (managing.to_vec(), using.to_vec(), kind.to_owned());
        if let Some(id) = self.known.get(&key) {
            return Ok(*id);
        }
        let ids = |indexes: &[usize]| indexes.iter().map(|&n| self.orgs[n]).collect::<Vec<_>>();
        let id = queries::scope_for(connection, ids(managing), ids(using), kind).await?;
        self.known.insert(key, id);
        Ok(id)
    }
}
