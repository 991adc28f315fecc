//! A machine that does tasks.

use std::collections::BTreeSet;

use super::tasks::Task;

/// A machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Machine {
    /// How many processors it has, and how many tasks it does at once.
    pub cores: usize,
    /// How many threads generate the code of one crate at most.
    pub threads: usize,
}

/// A task at work.
struct Running {
    task: usize,
    front: f64,
    back: f64,
}

/// Below this a part of a task is done, in milliseconds.
const DONE: f64 = 1e-6;

impl Machine {
    /// How long the tasks take, in milliseconds.
    pub(super) fn milliseconds(&self, tasks: &[Task]) -> u64 {
        let mut waiting: Vec<usize> = tasks.iter().map(|task| task.needs.len()).collect();
        // Who waits for a task's front, and who for its end.
        let mut at_front: Vec<Vec<usize>> = vec![Vec::new(); tasks.len()];
        let mut at_end: Vec<Vec<usize>> = vec![Vec::new(); tasks.len()];
        for (id, task) in tasks.iter().enumerate() {
            for (on, front) in &task.needs {
                if *front { at_front[*on].push(id) } else { at_end[*on].push(id) }
            }
        }
        let mut ready: BTreeSet<(&(usize, String), usize)> = (0..tasks.len())
            .filter(|id| waiting[*id] == 0)
            .map(|id| (&tasks[id].rank, id))
            .collect();
        let mut running: Vec<Running> = Vec::new();
        let mut now = 0.0_f64;
        loop {
            while running.len() < self.cores.max(1)
                && let Some((_, task)) = ready.pop_first()
            {
                running.push(Running { task, front: tasks[task].front, back: tasks[task].back });
            }
            let speed = self.speed(&running);
            let ends = running.iter().map(|one| match one.front > DONE {
                true => one.front,
                false => one.back / speed,
            });
            let Some(step) = ends.min_by(f64::total_cmp) else { break };
            now += step;
            let mut freed: Vec<usize> = Vec::new();
            running.retain_mut(|one| {
                if one.front > DONE {
                    one.front -= step;
                    if one.front <= DONE {
                        freed.extend(&at_front[one.task]);
                    }
                } else {
                    if one.front >= 0.0 && tasks[one.task].front <= DONE {
                        // It had no front to wait for.
                        freed.extend(&at_front[one.task]);
                        one.front = -1.0;
                    }
                    one.back -= step * speed;
                }
                let ended = one.front <= DONE && one.back <= DONE;
                if ended {
                    freed.extend(&at_end[one.task]);
                }
                !ended
            });
            for id in freed {
                waiting[id] -= 1;
                if waiting[id] == 0 {
                    ready.insert((&tasks[id].rank, id));
                }
            }
        }
        // A time from 0 on.
        now.round() as u64
    }

    /// How many processors work at each back: its own, and a part of those with nothing to do.
    fn speed(&self, running: &[Running]) -> f64 {
        let backs = running.iter().filter(|one| one.front <= DONE).count();
        let idle = self.cores.saturating_sub(running.len());
        let speed = 1.0 + idle as f64 / backs.max(1) as f64;
        let most = self.threads.max(1) as f64;
        speed.min(most)
    }
}

#[cfg(test)]
mod tests {
    use super::{Machine, Task};

    fn task(front: f64, back: f64, needs: &[(usize, bool)]) -> Task {
        Task { front, back, needs: needs.to_vec(), rank: (0, String::new()) }
    }

    fn check(cores: usize, threads: usize, tasks: &[Task], wanted: u64) {
        assert_eq!(Machine { cores, threads }.milliseconds(tasks), wanted);
    }

    #[test]
    fn who_waits_for_a_front_starts_sooner() {
        let (one, end) = (task(100.0, 300.0, &[]), task(50.0, 0.0, &[(0, false)]));
        check(2, 1, &[one.clone(), end], 450);
        check(2, 1, &[one.clone(), task(50.0, 0.0, &[(0, true)])], 400);
        check(1, 1, &[one, task(50.0, 0.0, &[(0, true)])], 450);
    }

    #[test]
    fn idle_processors_share_what_is_behind_a_front() {
        check(4, 16, &[task(100.0, 400.0, &[])], 200);
        check(4, 2, &[task(100.0, 400.0, &[])], 300);
        check(4, 16, &[task(0.0, 400.0, &[]), task(0.0, 400.0, &[])], 200);
    }

    #[test]
    fn no_more_at_once_than_processors() {
        let tasks = vec![task(100.0, 0.0, &[]); 5];
        check(2, 1, &tasks, 300);
        check(64, 1, &tasks, 100);
        check(2, 1, &[], 0);
    }

    #[test]
    fn a_task_without_time_lets_others_go() {
        check(
            1,
            1,
            &[task(0.0, 0.0, &[]), task(10.0, 0.0, &[(0, true)]), task(5.0, 0.0, &[(0, false)])],
            15,
        );
    }
}
