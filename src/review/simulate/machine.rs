//! A machine that does tasks.

use std::collections::{BTreeSet, VecDeque};

use super::tasks::Task;

/// A machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Machine {
    /// How many processors it has, and how many tasks it does at once.
    pub cores: usize,
    /// How many threads generate the code of one crate at most.
    pub threads: usize,
}

/// A task at work, on a processor of its own.
struct Running {
    task: usize,
    front: f64,
    back: f64,
}

/// What the one thread does that starts tasks and takes in what they made.
struct Attended {
    task: usize,
    is_start: bool,
    left: f64,
}

/// Below this a part of a task is done, in milliseconds.
const DONE: f64 = 1e-6;

/// A machine at work.
struct Work<'a> {
    machine: Machine,
    tasks: &'a [Task],
    /// How many needs of each task are not met.
    waiting: Vec<usize>,
    /// Who waits for a task's front, and who for its end.
    at_front: Vec<Vec<usize>>,
    at_end: Vec<Vec<usize>>,
    ready: BTreeSet<(&'a (usize, String), usize)>,
    running: Vec<Running>,
    /// Those whose processes have ended, in that order.
    ended: VecDeque<usize>,
    thread: Option<Attended>,
    /// How many were started and are not taken in.
    begun: usize,
}

impl Machine {
    /// How long the tasks take, in milliseconds.
    pub(super) fn milliseconds(&self, tasks: &[Task]) -> u64 {
        let mut work = Work::new(*self, tasks);
        let mut now = 0.0_f64;
        loop {
            while work.thread.is_none() && work.attend() {}
            let Some(time) = work.next() else { break };
            work.pass(time);
            now += time;
        }
        // A time from 0 on.
        now.round() as u64
    }
}

impl<'a> Work<'a> {
    fn new(machine: Machine, tasks: &'a [Task]) -> Self {
        let waiting: Vec<usize> = tasks.iter().map(|task| task.needs.len()).collect();
        let mut at_front: Vec<Vec<usize>> = vec![Vec::new(); tasks.len()];
        let mut at_end: Vec<Vec<usize>> = vec![Vec::new(); tasks.len()];
        for (id, task) in tasks.iter().enumerate() {
            for (on, front) in &task.needs {
                if *front { at_front[*on].push(id) } else { at_end[*on].push(id) }
            }
        }
        let ready = (0..tasks.len()).filter(|id| waiting[*id] == 0);
        let ready = ready.map(|id| (&tasks[id].rank, id)).collect();
        let (running, ended) = (Vec::new(), VecDeque::new());
        Self {
            machine,
            tasks,
            waiting,
            at_front,
            at_end,
            ready,
            running,
            ended,
            thread: None,
            begun: 0,
        }
    }

    /// Gives the thread something to do: to take in what has ended, else to start what may start. Whether
    /// there was any.
    fn attend(&mut self) -> bool {
        let (task, is_start) = if let Some(task) = self.ended.pop_front() {
            (task, false)
        } else if self.begun < self.machine.cores.max(1)
            && let Some((_, task)) = self.ready.pop_first()
        {
            self.begun += 1;
            (task, true)
        } else {
            return false;
        };
        let left = if is_start { self.tasks[task].start } else { self.tasks[task].end };
        self.thread = Some(Attended { task, is_start, left });
        self.attended();
        true
    }

    /// Frees the thread of what it has done.
    fn attended(&mut self) {
        let Some(done) = self.thread.take_if(|work| work.left <= DONE) else { return };
        if done.is_start {
            let Task { front, back, .. } = self.tasks[done.task];
            self.running.push(Running { task: done.task, front, back });
            if front <= DONE {
                let freed = std::mem::take(&mut self.at_front[done.task]);
                self.free(&freed);
            }
            if front + back <= DONE {
                self.processes_ended();
            }
        } else {
            self.begun -= 1;
            let freed = std::mem::take(&mut self.at_end[done.task]);
            self.free(&freed);
        }
    }

    /// How long it is until something is done; nothing where there is nothing left.
    fn next(&self) -> Option<f64> {
        let speed = self.speed();
        let left = |one: &Running| if one.front > DONE { one.front } else { one.back / speed };
        let thread = self.thread.as_ref().map(|work| work.left);
        self.running.iter().map(left).chain(thread).min_by(f64::total_cmp)
    }

    /// Lets time pass.
    fn pass(&mut self, time: f64) {
        let speed = self.speed();
        let mut freed: Vec<usize> = Vec::new();
        for one in &mut self.running {
            if one.front > DONE {
                one.front -= time;
                if one.front <= DONE {
                    freed.extend(&self.at_front[one.task]);
                }
            } else {
                one.back -= time * speed;
            }
        }
        self.free(&freed);
        self.processes_ended();
        if let Some(work) = &mut self.thread {
            work.left -= time;
        }
        self.attended();
    }

    /// Hands those that have nothing left to do to the thread.
    fn processes_ended(&mut self) {
        let is_over = |one: &Running| one.front <= DONE && one.back <= DONE;
        self.ended.extend(self.running.iter().filter(|one| is_over(one)).map(|one| one.task));
        self.running.retain(|one| !is_over(one));
    }

    fn free(&mut self, tasks: &[usize]) {
        for id in tasks {
            self.waiting[*id] -= 1;
            if self.waiting[*id] == 0 {
                self.ready.insert((&self.tasks[*id].rank, *id));
            }
        }
    }

    /// How many processors work at each back: its own, and a part of those with nothing to do.
    fn speed(&self) -> f64 {
        let backs = self.running.iter().filter(|one| one.front <= DONE).count();
        let idle = self.machine.cores.saturating_sub(self.running.len());
        let speed = 1.0 + idle as f64 / backs.max(1) as f64;
        let most = self.machine.threads.max(1) as f64;
        speed.min(most)
    }
}

#[cfg(test)]
mod tests {
    use super::{Machine, Task};

    fn task(front: f64, back: f64, needs: &[(usize, bool)]) -> Task {
        Task { start: 0.0, front, back, end: 0.0, needs: needs.to_vec(), rank: (0, String::new()) }
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
    fn one_thread_starts_them_all_and_takes_in_what_they_made() {
        let one = Task { start: 10.0, end: 5.0, ..task(100.0, 0.0, &[]) };
        check(8, 1, std::slice::from_ref(&one), 115);
        // The second is started behind the first: 10, 10, 100, 5.
        check(8, 1, &[one.clone(), one.clone()], 125);
        // It takes in what has ended before it starts more.
        check(64, 1, &vec![one.clone(); 20], 370);
        // With a processor for each process, a place is free when what was made is taken in.
        check(1, 1, &[one.clone(), one.clone()], 230);
        let next = Task { needs: vec![(0, false)], ..one.clone() };
        check(8, 1, &[one, next], 230);
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
