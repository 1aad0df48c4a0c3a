//! Reads `--shard`: `K/N`, or `auto` for the shard that the engine of this process has set in its environment.
//!
//! An engine is a program that starts several processes: mpirun, srun, a Slurm array, a Kubernetes Job. Engines nest, so several may have set
//! their variables. The innermost engine with more than one process counts: it started this process. From the inside out, these are Open
//! MPI, PMI (MPICH, `srun --mpi=pmi2`), Slurm tasks, Slurm arrays and indexed Jobs of Kubernetes.

use std::env;

use seeker_model::Shard;

/// The engines and their variables, for messages.
const ENGINES: &str = "SLURM_PROCID and SLURM_NTASKS, SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX and SHARD_COUNT, \
                       OMPI_COMM_WORLD_RANK and OMPI_COMM_WORLD_SIZE, or PMI_RANK and PMI_SIZE";

/// Parses a shard. `auto` reads the environment of this process.
pub(super) fn parse_shard(text: &str) -> Result<Shard, String> {
    if text == "auto" {
        shard_of_environment(|name| env::var(name).ok().filter(|value| !value.is_empty()))
    } else {
        text.parse().map_err(|error| format!("{error}"))
    }
}

/// Reads a variable of the environment; `None` if it is not set, or empty.
type Variable<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The place of this process among the processes of an engine.
struct Place {
    /// From 0.
    rank: u64,
    size: u64,
}

fn shard_of_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Shard, String> {
    let variable: Variable<'_> = &variable;
    let engines = [
        ranks(variable, "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE")?,
        ranks(variable, "PMI_RANK", "PMI_SIZE")?,
        slurm_tasks(variable)?,
        slurm_array(variable)?,
        kubernetes_job(variable)?,
    ];
    let mut places = engines.into_iter().flatten().peekable();
    // An engine with one process divides nothing, such as the one task of each element of an array.
    let only = places.peek().map(|place| place.size);
    match places.find(|place| place.size > 1) {
        Some(Place { rank, size }) => Shard::new(rank + 1, size).map_err(|error| error.to_string()),
        None if only.is_some() => Ok(Shard::default()),
        None => Err(format!("no engine has set the number of this process; expected {ENGINES}, or pass the shard, such as 1/4")),
    }
}

/// A rank from 0 and the number of ranks.
fn ranks(variable: Variable<'_>, rank: &str, size: &str) -> Result<Option<Place>, String> {
    match (number(variable, rank)?, number(variable, size)?) {
        (None, None) => Ok(None),
        (Some(of_rank), Some(of_size)) if of_rank < of_size => Ok(Some(Place { rank: of_rank, size: of_size })),
        (Some(of_rank), Some(of_size)) => {
            Err(format!("{rank} is {of_rank} and {size} is {of_size}; expected a number below {size}"))
        }
        (Some(_), None) => Err(format!("{rank} is set, but {size} is not; set {size} to the number of processes")),
        (None, Some(_)) => Err(format!("{size} is set, but {rank} is not; pass the shard, such as 1/4")),
    }
}

/// The tasks of a step of Slurm. A batch script without `--ntasks` has a number, but no number of tasks.
fn slurm_tasks(variable: Variable<'_>) -> Result<Option<Place>, String> {
    match (number(variable, "SLURM_PROCID")?, number(variable, "SLURM_NTASKS")?) {
        (Some(_), Some(_)) => ranks(variable, "SLURM_PROCID", "SLURM_NTASKS"),
        _ => Ok(None),
    }
}

/// The elements of an array of Slurm, whose numbers must be consecutive.
fn slurm_array(variable: Variable<'_>) -> Result<Option<Place>, String> {
    let Some(id) = number(variable, "SLURM_ARRAY_TASK_ID")? else { return Ok(None) };
    let of = |name: &str| number(variable, name)?.ok_or_else(|| format!("SLURM_ARRAY_TASK_ID is set, but {name} is not"));
    let (first, count) = (of("SLURM_ARRAY_TASK_MIN")?, of("SLURM_ARRAY_TASK_COUNT")?);
    let is_consecutive = number(variable, "SLURM_ARRAY_TASK_STEP")?.is_none_or(|step| step == 1)
        && number(variable, "SLURM_ARRAY_TASK_MAX")?.is_none_or(|last| last.checked_sub(first) == count.checked_sub(1));
    if !is_consecutive {
        return Err("the numbers of the Slurm array are not consecutive; expected an array such as --array=0-3".to_owned());
    }
    match id.checked_sub(first).filter(|rank| *rank < count) {
        Some(rank) => Ok(Some(Place { rank, size: count })),
        None => Err(format!(
            "SLURM_ARRAY_TASK_ID is {id}, but the {count} elements of the array begin at SLURM_ARRAY_TASK_MIN, {first}"
        )),
    }
}

/// The pods of an indexed Job. Kubernetes sets the index, but not the number of pods.
fn kubernetes_job(variable: Variable<'_>) -> Result<Option<Place>, String> {
    match number(variable, "JOB_COMPLETION_INDEX")? {
        Some(_) => ranks(variable, "JOB_COMPLETION_INDEX", "SHARD_COUNT"),
        None => Ok(None),
    }
}

fn number(variable: Variable<'_>, name: &str) -> Result<Option<u64>, String> {
    let read = |text: String| match text.trim().parse() {
        Ok(number) => Ok(number),
        Err(_) => Err(format!("{name} is {text:?}; expected a whole number")),
    };
    variable(name).map(read).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shard_of(environment: &str) -> Result<String, String> {
        let variables: Vec<_> = environment.split_whitespace().map(|pair| pair.split_once('=').unwrap()).collect();
        let variable = |name: &str| variables.iter().find(|(of, _)| *of == name).map(|(_, value)| (*value).to_owned());
        shard_of_environment(variable).map(|shard| shard.to_string())
    }

    #[test]
    fn each_engine_sets_the_shard() {
        const SRUN: &str = "SLURM_PROCID=3 SLURM_NTASKS=4 ";
        const ARRAY: &str = "SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_MIN=5 SLURM_ARRAY_TASK_MAX=8 SLURM_ARRAY_TASK_STEP=1 SLURM_ARRAY_TASK_COUNT=4 ";
        const JOB: &str = "JOB_COMPLETION_INDEX=0 SHARD_COUNT=4 ";
        for (environment, shard) in [
            (SRUN.to_owned(), "4/4"),
            (ARRAY.to_owned(), "3/4"),
            (JOB.to_owned(), "1/4"),
            ("OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=64".to_owned(), "2/64"),
            ("PMI_RANK=0 PMI_SIZE=2".to_owned(), "1/2"),
            // The batch script of an array has one task.
            (format!("{ARRAY} SLURM_PROCID=0"), "3/4"),
            (format!("{ARRAY} SLURM_PROCID=0 SLURM_NTASKS=1"), "3/4"),
            // The innermost engine counts.
            (format!("{ARRAY} {SRUN}"), "4/4"),
            (format!("{JOB} {SRUN} OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=3"), "2/3"),
            (format!("{SRUN} PMI_RANK=3 PMI_SIZE=4"), "4/4"),
            ("SLURM_PROCID=0 SLURM_NTASKS=1".to_owned(), "1/1"),
        ] {
            assert_eq!(shard_of(&environment), Ok(shard.to_owned()), "{environment}");
        }
    }

    #[test]
    fn contradictions_and_missing_variables_are_reported() {
        for (environment, expected) in [
            ("", "no engine has set the number of this process"),
            ("SLURM_PROCID=0", "no engine has set"),
            ("JOB_COMPLETION_INDEX=2", "SHARD_COUNT is not; set SHARD_COUNT to the number of processes"),
            ("JOB_COMPLETION_INDEX=4 SHARD_COUNT=4", "JOB_COMPLETION_INDEX is 4 and SHARD_COUNT is 4"),
            ("SLURM_PROCID=4 SLURM_NTASKS=4", "SLURM_PROCID is 4 and SLURM_NTASKS is 4; expected a number below SLURM_NTASKS"),
            ("SLURM_PROCID=x SLURM_NTASKS=4", "SLURM_PROCID is \"x\"; expected a whole number"),
            ("PMI_RANK=-1 PMI_SIZE=4", "PMI_RANK is \"-1\""),
            ("PMI_SIZE=4", "PMI_SIZE is set, but PMI_RANK is not"),
            ("PMI_RANK=0 PMI_SIZE=0", "expected a number below PMI_SIZE"),
            ("PMI_RANK=0 PMI_SIZE=65", "65 shards are too many; expected at most 64"),
            ("SLURM_ARRAY_TASK_ID=1", "SLURM_ARRAY_TASK_MIN is not"),
            ("SLURM_ARRAY_TASK_ID=9 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_COUNT=4", "SLURM_ARRAY_TASK_ID is 9"),
            ("SLURM_ARRAY_TASK_ID=0 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_COUNT=4", "SLURM_ARRAY_TASK_ID is 0"),
            (
                "SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_COUNT=2 SLURM_ARRAY_TASK_STEP=2",
                "the numbers of the Slurm array are not consecutive",
            ),
            (
                "SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MAX=7",
                "the numbers of the Slurm array are not consecutive",
            ),
        ] {
            let told = shard_of(environment).unwrap_err();
            assert!(told.contains(expected), "{environment}: {told}");
        }
    }
}
