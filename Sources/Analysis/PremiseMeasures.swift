//  ISDA's premise, tested on a finished run: that moving features along their class's covariance keeps the class, that
//  the bound stands for the expectation, and that the covariances are those of the network.

internal import ClassStatistics
internal import Results

/// Measures and writes the families `bound`, `margins`, `collapse`, `preservation` and, for a run that kept covariances,
/// `drift`.
func measurePremise(
  of run: RunFeatures, classes: [ClassDirections], into folder: RunFolder, options: AnalysisOptions,
  report: (AnalysisEvent) throws -> Void
) throws {
  try report(.measuring("bound and expectation"))
  try folder.write(BoundReport(of: run, seed: options.seed))
  try report(.measuring("margin budgets"))
  try folder.write(MarginBudgets(of: run, classes: classes, leading: options.directions))
  try report(.measuring("neural collapse"))
  try folder.write(CollapseReport(of: run))
  if let drift = try CovarianceDrift(
    of: run, kept: folder.isdaState, classes: classes, leading: options.directions)
  {
    try folder.write(drift)
  }
  try folder.write(
    Preservation(of: run, classes: classes, seed: options.seed) {
      try report(.measuring("moved \($0.rawValue) features"))
    })
}
