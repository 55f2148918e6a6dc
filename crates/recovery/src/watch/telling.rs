//! What people are to be told, each thing once, until the plan's webhook has taken it.

use jiff::Timestamp;

use super::{KEPT, Watch};
use crate::news::News;
use crate::plan::Plan;

impl Watch {
    /// People are to be told.
    pub fn tell(&mut self, news: News) {
        self.untold.push_back(news);
        while self.untold.len() > KEPT {
            self.untold.pop_front();
        }
    }

    /// Somebody has taken it.
    pub fn told(&mut self, news: &News) {
        self.untold.retain(|untold| untold != news);
    }

    /// People are to be told something about the run of the open incident, once per incident and key.
    /// Whether that is news.
    pub fn tell_of_the_failover(
        &mut self,
        plan: &Plan,
        run: &str,
        now: Timestamp,
        key: &str,
        detail: &str,
    ) -> bool {
        let open = self.incident.as_mut().filter(|it| it.run.as_deref() == Some(run));
        let Some(open) = open else { return false };
        if !open.told.insert(key.to_owned()) {
            return false;
        }
        let number = open.number;
        self.tell(News::of_incident(&plan.workload, number, now, detail.to_owned()));
        true
    }

    /// People are to be told, once, that only they can help the drill that is under way. Whether that
    /// is news.
    pub fn tell_of_a_broken_drill(
        &mut self,
        plan: &Plan,
        run: &str,
        now: Timestamp,
        problem: &str,
    ) -> bool {
        let is_under_way = self.drill.as_deref() == Some(run);
        if !is_under_way || self.broken_drill.as_deref() == Some(run) {
            return false;
        }
        self.broken_drill = Some(run.to_owned());
        self.tell(News::of_drill(&plan.workload, run, now, problem.to_owned()));
        true
    }
}
