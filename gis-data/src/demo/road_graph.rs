//! The road network as a graph to drive on, with the fastest way from one node to another.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use geo_types::{Coord, LineString};

use super::city::RoadClass;

/// Junctions and dead ends joined by stretches of road; connected, and every edge runs both ways.
#[derive(Debug, Clone)]
pub struct RoadGraph {
    /// `lon, lat` degrees.
    pub nodes: Vec<Coord<f64>>,
    pub edges: Vec<RoadEdge>,
    /// For each node the edges that touch it.
    touching: Vec<Vec<usize>>,
}

/// A stretch of road without a junction inside.
#[derive(Debug, Clone)]
pub struct RoadEdge {
    /// Indexes into the nodes: `line` begins at the first and ends at the second.
    pub from: usize,
    pub to: usize,
    /// Index into the city's `roads`.
    pub road: usize,
    pub class: RoadClass,
    pub speed_kmh: f64,
    pub length_m: f64,
    pub line: LineString<f64>,
}

#[derive(PartialEq)]
struct Candidate {
    cost_s: f64,
    node: usize,
}

impl Eq for Candidate {}

impl Ord for Candidate {
    /// The cheapest is the greatest, because `BinaryHeap` pops the greatest.
    fn cmp(&self, other: &Self) -> Ordering {
        other.cost_s.total_cmp(&self.cost_s).then_with(|| other.node.cmp(&self.node))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl RoadGraph {
    pub(super) fn new(nodes: Vec<Coord<f64>>, edges: Vec<RoadEdge>) -> Self {
        let mut touching = vec![Vec::new(); nodes.len()];
        for (index, edge) in edges.iter().enumerate() {
            touching[edge.from].push(index);
            if edge.to != edge.from {
                touching[edge.to].push(index);
            }
        }
        Self { nodes, edges, touching }
    }

    /// The edges that touch a node, as indexes into `edges`.
    pub fn edges_at(&self, node: usize) -> &[usize] {
        self.touching.get(node).map_or(&[], Vec::as_slice)
    }

    /// The node at the other end of an edge.
    pub fn across(&self, edge: usize, node: usize) -> usize {
        let edge = &self.edges[edge];
        if edge.from == node { edge.to } else { edge.from }
    }

    /// The fastest way between two nodes as indexes into `edges`, in driving order.
    ///
    /// Empty when both are the same node; `None` when one of them does not exist.
    pub fn route(&self, from: usize, to: usize) -> Option<Vec<usize>> {
        if from >= self.nodes.len() || to >= self.nodes.len() {
            return None;
        }
        let mut cost_s = vec![f64::INFINITY; self.nodes.len()];
        let mut arrived_by = vec![usize::MAX; self.nodes.len()];
        let mut open = BinaryHeap::from([Candidate { cost_s: self.bound_s(from, to), node: from }]);
        let mut done = vec![false; self.nodes.len()];
        cost_s[from] = 0.0;
        while let Some(Candidate { node, .. }) = open.pop() {
            if node == to {
                return Some(self.walk_back(from, to, &arrived_by));
            }
            if std::mem::replace(&mut done[node], true) {
                continue;
            }
            for &index in self.edges_at(node) {
                let edge = &self.edges[index];
                let next = self.across(index, node);
                let cost = cost_s[node] + edge.length_m * 3.6 / edge.speed_kmh;
                if cost < cost_s[next] {
                    cost_s[next] = cost;
                    arrived_by[next] = index;
                    open.push(Candidate { cost_s: cost + self.bound_s(next, to), node: next });
                }
            }
        }
        None
    }

    fn walk_back(&self, from: usize, to: usize, arrived_by: &[usize]) -> Vec<usize> {
        let mut route = Vec::new();
        let mut node = to;
        while node != from {
            let edge = arrived_by[node];
            route.push(edge);
            node = self.across(edge, node);
        }
        route.reverse();
        route
    }

    /// Never more than the true cost: a straight line, slightly shortened, at the highest speed.
    fn bound_s(&self, from: usize, to: usize) -> f64 {
        let (a, b) = (self.nodes[from], self.nodes[to]);
        let (x, y) = ((a.x - b.x) * 88_000.0, (a.y - b.y) * 110_000.0);
        (x * x + y * y).sqrt() * 3.6 / RoadClass::Motorway.speed_kmh()
    }
}
