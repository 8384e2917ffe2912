//! Turns the street mesh into roads and the graph to drive on.

use std::collections::BTreeMap;

use super::city::Road;
use super::frame::Frame;
use super::road_graph::{RoadEdge, RoadGraph};
use super::shape::{Pt, distance};
use super::streets::Layout;

/// A stretch of street between two junctions, as mesh vertices.
struct Stretch {
    street: u32,
    path: Vec<u32>,
}

/// The roads, the graph, and the positions of its nodes in metres.
pub(super) fn roads(layout: &Layout, frame: &Frame) -> (Vec<Road>, RoadGraph, Vec<Pt>) {
    let stretches = largest_network(stretches(layout), layout.mesh.points.len());
    let mut node_of: BTreeMap<u32, usize> = BTreeMap::new();
    for stretch in &stretches {
        for end in [stretch.path[0], stretch.path[stretch.path.len() - 1]] {
            let next = node_of.len();
            node_of.entry(end).or_insert(next);
        }
    }
    let mut positions = vec![Pt::default(); node_of.len()];
    for (&vertex, &node) in &node_of {
        positions[node] = layout.mesh.points[vertex as usize];
    }
    let point = |&vertex: &u32| layout.mesh.points[vertex as usize];
    let (runs, road_of) = runs(&stretches);
    let roads = runs
        .iter()
        .enumerate()
        .map(|(i, run)| {
            let street = &layout.streets[run.street as usize];
            let points: Vec<Pt> = run.path.iter().map(point).collect();
            Road {
                code: format!("R-{:05}", i + 1),
                name: street.name.clone(),
                class: street.class,
                line: frame.line(&points),
            }
        })
        .collect();
    let edges = stretches
        .iter()
        .zip(road_of)
        .map(|(stretch, road)| {
            let points: Vec<Pt> = stretch.path.iter().map(point).collect();
            let class = layout.streets[stretch.street as usize].class;
            RoadEdge {
                from: node_of[&stretch.path[0]],
                to: node_of[&stretch.path[stretch.path.len() - 1]],
                road,
                class,
                speed_kmh: class.speed_kmh(),
                length_m: points.windows(2).map(|pair| distance(pair[0], pair[1])).sum(),
                line: frame.line(&points),
            }
        })
        .collect();
    let nodes = positions.iter().map(|&p| frame.degrees(p)).collect();
    (roads, RoadGraph::new(nodes, edges), positions)
}

fn stretches(layout: &Layout) -> Vec<Stretch> {
    let edges: Vec<(u32, u32, u32)> = layout
        .mesh
        .edges()
        .filter(|&(.., street)| (street as usize) < layout.streets.len())
        .collect();
    let mut at = vec![Vec::new(); layout.mesh.points.len()];
    for (i, &(a, b, _)) in edges.iter().enumerate() {
        at[a as usize].push(i);
        at[b as usize].push(i);
    }
    let passes = |vertex: u32| {
        let here: &Vec<usize> = &at[vertex as usize];
        here.len() == 2 && edges[here[0]].2 == edges[here[1]].2
    };
    let mut used = vec![false; edges.len()];
    let mut stretches = Vec::new();
    // Junctions first; what is left after them are rings without any.
    let starts = |junctions: bool| {
        let vertices = 0..u32::try_from(at.len()).expect("vertices are numbered in 32 bits");
        vertices.filter(move |&v| junctions != passes(v)).collect::<Vec<u32>>()
    };
    for vertex in starts(true).into_iter().chain(starts(false)) {
        for &first in &at[vertex as usize] {
            if used[first] {
                continue;
            }
            let (mut path, mut edge, street) = (vec![vertex], first, edges[first].2);
            loop {
                used[edge] = true;
                let here = path[path.len() - 1];
                let (a, b, _) = edges[edge];
                let next = if a == here { b } else { a };
                path.push(next);
                if next == vertex || !passes(next) {
                    break;
                }
                let [one, other] = at[next as usize][..] else { break };
                edge = if one == edge { other } else { one };
            }
            stretches.push(Stretch { street, path });
        }
    }
    stretches
}

/// Drops what is not connected to the main network.
fn largest_network(stretches: Vec<Stretch>, vertex_count: usize) -> Vec<Stretch> {
    let mut parent: Vec<usize> = (0..vertex_count).collect();
    let root = |parent: &mut Vec<usize>, mut v: usize| {
        while parent[v] != v {
            parent[v] = parent[parent[v]];
            v = parent[v];
        }
        v
    };
    for stretch in &stretches {
        let a = root(&mut parent, stretch.path[0] as usize);
        let b = root(&mut parent, stretch.path[stretch.path.len() - 1] as usize);
        parent[a] = b;
    }
    let mut size = vec![0_usize; vertex_count];
    let roots: Vec<usize> =
        stretches.iter().map(|s| root(&mut parent, s.path[0] as usize)).collect();
    for &r in &roots {
        size[r] += 1;
    }
    let Some(&main) = roots.iter().max_by_key(|&&r| (size[r], r)) else { return stretches };
    stretches.into_iter().zip(roots).filter(|&(_, r)| r == main).map(|(s, _)| s).collect()
}

/// Joins the stretches of a street into runs as long as they go; and for each stretch its run.
fn runs(stretches: &[Stretch]) -> (Vec<Stretch>, Vec<usize>) {
    let mut at: BTreeMap<(u32, u32), Vec<usize>> = BTreeMap::new();
    for (i, stretch) in stretches.iter().enumerate() {
        for end in [stretch.path[0], stretch.path[stretch.path.len() - 1]] {
            at.entry((stretch.street, end)).or_default().push(i);
        }
    }
    let mut run_of = vec![usize::MAX; stretches.len()];
    let mut runs = Vec::new();
    for begin in 0..stretches.len() {
        if run_of[begin] != usize::MAX {
            continue;
        }
        let street = stretches[begin].street;
        run_of[begin] = runs.len();
        let mut path = stretches[begin].path.clone();
        for _ in 0..2 {
            // Prolong the far end, then turn round and prolong the other.
            loop {
                let end = path[path.len() - 1];
                let here = &at[&(street, end)];
                if here.len() != 2 {
                    break;
                }
                let Some(&next) = here.iter().find(|&&i| run_of[i] == usize::MAX) else { break };
                run_of[next] = runs.len();
                let more = &stretches[next].path;
                if more[0] == end {
                    path.extend_from_slice(&more[1..]);
                } else {
                    path.extend(more.iter().rev().skip(1));
                }
            }
            path.reverse();
        }
        runs.push(Stretch { street, path });
    }
    (runs, run_of)
}
