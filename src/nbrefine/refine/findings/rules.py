"""All rules, in the order of their codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.refine.findings import (
    alias,
    chained,
    credentials,
    history,
    leakage,
    limits,
    order,
    outside,
    places,
    randomness,
    redefinition,
    target,
    unused,
    varying,
)

if TYPE_CHECKING:
    from nbrefine.refine.findings.rule import Rule

RULES: tuple[type[Rule], ...] = (
    order.HiddenState,
    unused.UnusedVariable,
    redefinition.Redefinition,
    redefinition.GlobalReadingFunction,
    history.HistoryUse,
    alias.AliasMutated,
    order.RunOutOfOrder,
    unused.DiscardedResult,
    chained.ChainedAssignment,
    redefinition.HiddenBuiltin,
    leakage.FitBeforeSplit,
    leakage.StatisticsBeforeSplit,
    leakage.LearntFromBoth,
    leakage.FitOnTest,
    target.TargetAmongFeatures,
    leakage.RandomSplitOfTime,
    randomness.UnseededDraw,
    randomness.UnseededModel,
    randomness.UnseededGenerator,
    varying.PresentTime,
    varying.SetOrder,
    varying.FileOrder,
    varying.VaryingCell,
    places.AbsolutePath,
    places.KernelNotInstalled,
    credentials.CredentialInSource,
    outside.NetworkRead,
    outside.ShellCommand,
    places.FolderChanged,
    places.SearchPathChanged,
    outside.StarImport,
    outside.InstallInNotebook,
    limits.CannotBeCut,
    limits.UsesAllNames,
    limits.NotPython,
)
