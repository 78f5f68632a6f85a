//! Gradient-boosted regression trees (J. H. Friedman, *Greedy function approximation: a gradient boosting machine*, 2001): reading them, and
//! asking them. Training is done elsewhere.
//!
//! A forest answers in log-odds. Only additions and comparisons of 32-bit floats, in one order, so that every machine gives the same answer.

use std::collections::VecDeque;

/// So many features there can be, so that a byte says which; and so many nodes, so that two bytes do. No place of a node or of a feature then
/// needs a check, which would take as long as the step itself.
pub const FEATURES: usize = 1 << 8;
const NODES: usize = 1 << 16;

/// What a forest is asked about: its features, in as many places as there can be.
pub type Row = [f32; FEATURES];

/// A node, in eight bytes: a row goes on to the child if its feature is at most the threshold, else to the node behind the child. A leaf is its
/// own child, and nothing is above its threshold.
#[derive(Clone, Copy)]
struct Node {
    threshold: f32,
    feature: u8,
    child: u16,
}

impl Node {
    fn leaf(at: u16) -> Self {
        Node { threshold: f32::INFINITY, feature: 0, child: at }
    }

    fn packed(self) -> u64 {
        u64::from(self.threshold.to_bits()) << 32 | u64::from(self.feature) << 16 | u64::from(self.child)
    }

    #[inline]
    fn unpacked(node: u64) -> Self {
        Node { threshold: f32::from_bits((node >> 32) as u32), feature: (node >> 16) as u8, child: node as u16 }
    }
}

/// Trees, all in one array.
#[derive(Clone, Debug)]
pub struct Forest {
    /// See [`Node`]. What no tree takes is never touched, and takes no memory.
    nodes: Box<[u64; NODES]>,
    /// What each node answers: a leaf for good, an inner node for all below it.
    values: Box<[f32; NODES]>,
    /// How many nodes there are.
    taken: usize,
    /// The roots of the trees, as many together as are asked together; beside the last ones stands [`IDLE`].
    roots: Vec<[u16; ABREAST]>,
    /// Steps from a root to the farthest leaf.
    depth: usize,
}

/// One tree as it is stored, a node an entry, a left child right behind its parent: feature (-1 for a leaf), threshold, right child, value.
pub type Stored = (Vec<i32>, Vec<f32>, Vec<u16>, Vec<f32>);

/// Trees that are asked together.
const ABREAST: usize = 8;
/// Rows that are asked about together: as many as a processor has at hand.
const TOGETHER: usize = 16;
/// A leaf that adds nothing.
const IDLE: u16 = 0;
/// A tree no deeper than this is asked.
const MAX_DEPTH: usize = 16;

impl Forest {
    /// Makes the forest of these trees over rows of `width` features.
    ///
    /// # Errors
    ///
    /// What is wrong, if a tree is none: the file that it came from is broken.
    pub fn new(trees: &[Stored], width: usize) -> Result<Self, String> {
        if width > FEATURES {
            return Err(format!("{width} features"));
        }
        let mut forest = Forest { nodes: zeros(), values: zeros(), taken: 1, roots: Vec::new(), depth: 0 };
        forest.nodes[usize::from(IDLE)] = Node::leaf(IDLE).packed();
        forest.roots.resize(trees.len().div_ceil(ABREAST), [IDLE; ABREAST]);
        for (number, tree) in trees.iter().enumerate() {
            let root = forest.add(tree, width).map_err(|wrong| format!("tree {number}: {wrong}"))?;
            forest.roots[number / ABREAST][number % ABREAST] = root;
        }
        Ok(forest)
    }

    /// Takes up a tree, level by level, so that two children stand side by side; returns its root.
    fn add(&mut self, (features, thresholds, rights, values): &Stored, width: usize) -> Result<u16, String> {
        let count = features.len();
        if count == 0 || [thresholds.len(), rights.len(), values.len()] != [count; 3] {
            return Err(format!("{count} nodes, in columns that differ in length"));
        }
        let root = self.take(1)?;
        let mut open = VecDeque::from([(0, root, 0)]);
        while let Some((i, at, depth)) = open.pop_front() {
            self.values[usize::from(at)] = values[i];
            self.depth = self.depth.max(depth);
            let mut node = Node::leaf(at);
            if features[i] >= 0 {
                let right = usize::from(rights[i]);
                // Children stand behind their parents, so every walk ends.
                if !(right > i + 1 && right < count && (features[i] as usize) < width && depth < MAX_DEPTH) {
                    return Err(format!("node {i} leads nowhere"));
                }
                node = Node { threshold: thresholds[i], feature: features[i] as u8, child: self.take(2)? };
                open.extend([(i + 1, node.child, depth + 1), (right, node.child + 1, depth + 1)]);
            }
            self.nodes[usize::from(at)] = node.packed();
        }
        Ok(root)
    }

    /// Takes places for so many nodes, and returns the first.
    fn take(&mut self, count: usize) -> Result<u16, String> {
        let first = self.taken;
        self.taken += count;
        if self.taken > NODES { Err(format!("more than {NODES} nodes")) } else { Ok(first as u16) }
    }

    /// Returns the log-odds of each row.
    pub fn ask<'a>(&self, rows: impl Iterator<Item = &'a Row>) -> Vec<f32> {
        let rows: Vec<&Row> = rows.collect();
        let mut sums = vec![0.0; rows.len()];
        // Some rows are led through the same trees before the next trees are fetched.
        for (rows, sums) in rows.chunks(TOGETHER).zip(sums.chunks_mut(TOGETHER)) {
            for roots in &self.roots {
                for (row, sum) in rows.iter().zip(&mut *sums) {
                    self.leaves(*roots, row).into_iter().for_each(|leaf| *sum += self.values[usize::from(leaf)]);
                }
            }
        }
        sums
    }

    /// The leaves to which a row goes on from some roots. Every walk is as long as the longest, and no step is a branch: a processor can't guess
    /// where a row goes, and would be wrong at every other step. Walks go abreast, so that it need not wait for one to begin the next.
    #[inline]
    fn leaves(&self, mut at: [u16; ABREAST], row: &Row) -> [u16; ABREAST] {
        for _ in 0..self.depth {
            for at in &mut at {
                *at = self.next(*at, row);
            }
        }
        at
    }

    /// The node to which a row goes on from a node.
    #[inline]
    fn next(&self, at: u16, row: &Row) -> u16 {
        let node = Node::unpacked(self.nodes[usize::from(at)]);
        node.child + u16::from(row[usize::from(node.feature)] > node.threshold)
    }

    /// Adds to `blame`, one number a feature, what each did to the answer for this row: on the way down, the change in what the nodes
    /// answer goes to the feature that the step asked about (A. Saabas, *Interpreting random forests*, 2014).
    pub fn explain(&self, row: &Row, blame: &mut [f32]) {
        for &root in self.roots.iter().flatten() {
            let mut at = root;
            for _ in 0..self.depth {
                let (next, feature) = (self.next(at, row), Node::unpacked(self.nodes[usize::from(at)]).feature);
                blame[usize::from(feature)] += self.values[usize::from(next)] - self.values[usize::from(at)];
                at = next;
            }
        }
    }
}

/// An array of zeros that takes memory only where it is written to.
fn zeros<T: Clone + Default + std::fmt::Debug>() -> Box<[T; NODES]> {
    vec![T::default(); NODES].try_into().expect("as many as were asked for")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stump() -> Stored {
        (vec![1, -1, -1], vec![0.5, 0.0, 0.0], vec![2, 0, 0], vec![0.25, -1.0, 2.0])
    }

    /// A row goes left up to the threshold, and what it gained on the way is the feature's doing.
    #[test]
    fn walks() {
        let forest = Forest::new(&[stump(), stump()], 2).unwrap();
        let row = |second: f32| std::array::from_fn(|i| if i == 1 { second } else { 9.0 });
        assert_eq!(forest.ask([row(0.5), row(0.6)].iter()), [-2.0, 4.0]);
        let mut blame = [0.0; 2];
        forest.explain(&row(0.6), &mut blame);
        assert_eq!(blame, [0.0, 3.5]);
    }

    /// A tree that leads back, or out, is refused.
    #[test]
    fn broken() {
        for (node, right) in [(0, 0), (0, 1), (0, 3)] {
            let mut tree = stump();
            tree.2[node] = right;
            assert!(Forest::new(&[tree], 2).is_err());
        }
        assert!(Forest::new(&[stump()], 1).is_err());
        assert!(Forest::new(&[(vec![], vec![], vec![], vec![])], 1).is_err());
        assert!(Forest::new(&[], FEATURES + 1).is_err());
    }
}
