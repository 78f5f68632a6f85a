//! Gradient-boosted regression trees (J. H. Friedman, *Greedy function approximation: a gradient boosting machine*, 2001): reading them, and
//! asking them. Training is done elsewhere.
//!
//! A forest answers in log-odds. Only additions and comparisons of 32-bit floats, in one order, so that every machine gives the same answer.

/// A node: a row goes on to the first child if its feature is at most the threshold, else to the second. A leaf is its own child.
#[derive(Clone, Copy, Debug)]
struct Node {
    threshold: f32,
    feature: u16,
    children: [u16; 2],
}

/// Trees, all in one array.
#[derive(Clone, Debug, Default)]
pub struct Forest {
    nodes: Vec<Node>,
    /// What each node answers: a leaf for good, an inner node for all below it.
    values: Vec<f32>,
    roots: Vec<u16>,
    /// Steps from a root to the farthest leaf.
    depth: usize,
}

/// One tree as it is stored, a node an entry, a left child right behind its parent: feature (-1 for a leaf), threshold, right child, value.
pub type Stored = (Vec<i32>, Vec<f32>, Vec<u16>, Vec<f32>);

/// Trees that are asked together.
const ABREAST: usize = 8;
/// A tree no deeper than this is asked.
const MAX_DEPTH: usize = 16;

impl Forest {
    /// Makes the forest of these trees over rows of `width` features.
    ///
    /// # Errors
    ///
    /// What is wrong, if a tree is none: the file that it came from is broken.
    pub fn new(trees: &[Stored], width: usize) -> Result<Self, String> {
        let mut forest = Forest::default();
        for (number, tree) in trees.iter().enumerate() {
            forest.add(tree, width).map_err(|wrong| format!("tree {number}: {wrong}"))?;
        }
        Ok(forest)
    }

    fn add(&mut self, (features, thresholds, rights, values): &Stored, width: usize) -> Result<(), String> {
        let (count, root) = (features.len(), self.nodes.len());
        if count == 0 || [thresholds.len(), rights.len(), values.len()] != [count; 3] || root + count > usize::from(u16::MAX) {
            return Err(format!("{count} nodes, in columns that differ in length, or too many"));
        }
        let mut depths = vec![0; count];
        for i in 0..count {
            let right = usize::from(rights[i]);
            let at = (root + i) as u16;
            if features[i] < 0 {
                self.nodes.push(Node { threshold: 0.0, feature: 0, children: [at, at] });
                continue;
            }
            // Children stand behind their parents, so every walk ends.
            if !(right > i + 1 && right < count && (features[i] as usize) < width && depths[i] < MAX_DEPTH) {
                return Err(format!("node {i} leads nowhere"));
            }
            (depths[i + 1], depths[right]) = (depths[i] + 1, depths[i] + 1);
            self.nodes.push(Node { threshold: thresholds[i], feature: features[i] as u16, children: [at + 1, (root + right) as u16] });
        }
        self.depth = depths.into_iter().chain([self.depth]).max().unwrap_or(0);
        self.values.extend(values);
        self.roots.push(root as u16);
        Ok(())
    }

    /// Returns the log-odds of a row.
    pub fn ask(&self, row: &[f32]) -> f32 {
        self.roots.chunks(ABREAST).flat_map(|roots| self.leaves(roots, row)).sum()
    }

    /// What some trees answer. Every walk is as long as the longest, and no step is a branch: a processor can't guess where a row goes, and would
    /// be wrong at every other step. Walks go abreast, so that it need not wait for one to begin the next.
    fn leaves(&self, roots: &[u16], row: &[f32]) -> impl Iterator<Item = f32> {
        let mut at = [0; ABREAST];
        at[..roots.len()].copy_from_slice(roots);
        for _ in 0..self.depth {
            for at in &mut at {
                let node = &self.nodes[usize::from(*at)];
                *at = node.children[usize::from(row[usize::from(node.feature)] > node.threshold)];
            }
        }
        at.into_iter().take(roots.len()).map(|at| self.values[usize::from(at)])
    }

    /// Adds to `blame`, one number a feature, what each did to the answer for this row: on the way down, the change in what the nodes
    /// answer goes to the feature that the step asked about (A. Saabas, *Interpreting random forests*, 2014).
    pub fn explain(&self, row: &[f32], blame: &mut [f32]) {
        for &root in &self.roots {
            let mut at = usize::from(root);
            for _ in 0..self.depth {
                let node = &self.nodes[at];
                let next = usize::from(node.children[usize::from(row[usize::from(node.feature)] > node.threshold)]);
                blame[usize::from(node.feature)] += self.values[next] - self.values[at];
                at = next;
            }
        }
    }
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
        assert_eq!((forest.ask(&[9.0, 0.5]), forest.ask(&[0.0, 0.6])), (-2.0, 4.0));
        let mut blame = [0.0; 2];
        forest.explain(&[0.0, 0.6], &mut blame);
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
    }
}
