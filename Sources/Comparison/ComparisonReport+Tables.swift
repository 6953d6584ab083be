//  The tables of a comparison, in the order in which they are read.

public import Foundation
internal import Results
public import Storage

extension ComparisonReport {
  /// Each arm by itself: test error in percent.
  public var armsTable: ReportTable {
    var table = ReportTable(
      "arms",
      caption:
        "Test error in % on \(testImages) images of \(dataset) \(epochsInWords). Intervals are 95 % and of "
        + "the mean over seeds; IQM is the interquartile mean. The share is the part of the variance between runs that is "
        + "there only because the test set is finite.",
      columns: [
        .init("arm", "arm"), .init("runs", "runs"), .init("mean", "mean"), .init("deviation", "deviation"),
        .init("t", "t", intervals: true), .init("bootstrap", "percentile", intervals: true),
        .init("BCa", "bca", intervals: true), .init("IQM", "iqm"), .init("IQM bootstrap", "iqm", intervals: true),
        .init("worst class", "worst_class"), .init("its error", "worst_class_error"),
        .init("test set's share", "test_set_share_between_runs"),
      ])
    for arm in arms {
      table.append([
        .text(arm.name), .count(arm.runs.count), .number(arm.mean, 2), .number(arm.deviation, 2),
        .interval(arm.tInterval, 2), .interval(arm.percentileInterval, 2), .interval(arm.biasCorrectedInterval, 2),
        .number(arm.interquartileMean, 2), .interval(arm.interquartileInterval, 2), .text(arm.worstClass),
        .number(arm.worstClassError, 1), .number(arm.variance?.testSetShareBetweenRuns, 2),
      ])
    }
    return table
  }

  private var epochsInWords: String {
    (study?.analysis.epochs ?? .last).words(epochs: epochs)
  }

  /// The estimates of each arm beside the baseline.
  public var differencesTable: ReportTable {
    var table = ReportTable(
      "differences",
      caption:
        "Difference in test error, arm − baseline, in points; negative is better. Intervals are 95 %: those of the "
        + "sign-flip and t tests, bootstrap and BCa over seeds on these test images, crossed over seeds and images. The share is the part of the variance "
        + "of the difference that is there only because the test set is finite.",
      columns: [
        .init("arm", "arm"), .init("baseline", "baseline"), .init("runs", "runs"), .init("difference", "difference"),
        .init("sign-flip", "sign_flip", intervals: true), .init("t", "t", intervals: true),
        .init("bootstrap", "percentile", intervals: true), .init("BCa", "bca", intervals: true),
        .init("crossed", "crossed", intervals: true),
        .init("test set's share", "test_set_share"), .init("paired d", "paired_d"), .init("Cliff's δ", "cliffs_delta"),
        .init("P(improvement)", "probability_of_improvement"),
        .init("its bootstrap", "probability_of_improvement", intervals: true),
      ])
    for one in comparisons {
      let error = one.error
      table.append([
        .text(one.arm), .text(one.baseline), .text(runs(error)), .change(error.difference, 2),
        .interval(error.signFlipInterval, 2), .interval(error.tInterval, 2), .interval(error.percentileInterval, 2),
        .interval(error.biasCorrectedInterval, 2), .interval(one.crossedInterval, 2),
        .number(one.variance?.testSetShare, 2), .number(error.pairedEffect, 2), .number(error.cliffsDelta, 2),
        .number(error.probabilityOfImprovement, 2), .interval(error.improvementInterval, 2),
      ])
    }
    return table
  }

  /// The tests of each arm beside the baseline.
  public var testsTable: ReportTable {
    var table = ReportTable(
      "tests",
      caption:
        "p values of the difference in test error. The exact sign-flip test decides where runs are paired, Welch's "
        + "where they are not; Holm is over the \(comparisons.count) comparison\(comparisons.count == 1 ? "" : "s"). TOST "
        + "asks whether the difference is within ±\(Format.plain(tolerance)) points. Detectable is the true difference "
        + "that would be found in 80 % of such studies, runs needed how many it takes to find one of the tolerance.",
      columns: [
        .init("arm", "arm"), .init("sign-flip", "sign_flip"), .init("paired t", "paired_t"),
        .init("Wilcoxon", "wilcoxon"), .init("Welch", "welch"), .init("Holm", "holm"), .init("TOST", "tost"),
        .init("TOST Holm", "tost_holm"), .init("detectable", "detectable"), .init("runs needed", "runs_needed"),
        .init("verdict", "verdict"),
      ])
    for one in comparisons {
      let error = one.error
      table.append([
        .text(one.arm), .pValue(error.signFlip?.pValue), .pValue(error.pairedTPValue), .pValue(error.wilcoxon?.pValue),
        .pValue(error.welchPValue), .pValue(error.adjustedPValue), .pValue(error.equivalencePValue),
        .pValue(error.adjustedEquivalencePValue), .number(error.detectableDifference, 2),
        error.runsNeededForTolerance.map { .count($0) } ?? .text("–"), .text(one.verdict.word.rawValue),
      ])
    }
    return table
  }

  /// In which settings arms differ.
  public var settingsTable: ReportTable {
    var table = ReportTable(
      "settings", caption: "Settings in which arms differ from the baseline.",
      columns: [
        .init("arm", "arm"), .init("setting", "setting"), .init("baseline", "baseline"), .init("arm's", "value"),
      ])
    for one in comparisons {
      for setting in one.settings {
        table.append([.text(one.arm), .text(setting.setting), .text(setting.baseline), .text(setting.arm)])
      }
    }
    return table
  }

  /// Class by class, by rising difference.
  public var classesTable: ReportTable {
    var table = ReportTable(
      "classes",
      caption:
        "Test error by class in %, and arm − baseline in points. t intervals are over seeds on these test images, "
        + "crossed ones over seeds and images; Holm is over the classes.",
      columns: [
        .init("class", "class"), .init("arm", "arm"), .init("images", "images"), .init("baseline", "baseline_error"),
        .init("arm's", "arm_error"), .init("difference", "difference"), .init("t", "t", intervals: true),
        .init("crossed", "crossed", intervals: true), .init("p", "p"), .init("Holm", "holm"),
      ])
    for one in comparisons {
      for row in one.classes.sorted(by: { ($0.difference, $0.name) < ($1.difference, $1.name) }) {
        table.append([
          .text(row.name), .text(one.arm), .count(row.images), .number(row.baseline, 1), .number(row.arm, 1),
          .change(row.difference, 2), .interval(row.tInterval, 2), .interval(row.crossedInterval, 2),
          .pValue(row.pValue), .pValue(row.adjustedPValue),
        ])
      }
    }
    return table
  }

  /// Calibration of each arm beside the baseline.
  public var calibrationTable: ReportTable {
    var table = ReportTable(
      "calibration",
      caption:
        "Calibration, means over runs; less is better. NLL and Brier are proper scores. Binned errors (ECE) are too "
        + "large for few images: the last column is what the arm's would be on average if all its probabilities were "
        + "right. Temperatures were fitted on the other half of the test images. Holm is over the measures.",
      columns: [
        .init("measure", "measure"), .init("temperature", "temperature"), .init("arm", "arm"),
        .init("baseline", "baseline_value"), .init("arm's", "arm_value"), .init("difference", "difference"),
        .init("t", "t", intervals: true), .init("p", "p"), .init("Holm", "holm"),
        .init("if calibrated", "if_calibrated"),
      ])
    for one in comparisons {
      let runs = arms.first { $0.name == one.arm }?.runs ?? []
      for row in one.calibration {
        let expected = runs.compactMap { run in
          row.measure.binned(row.afterTemperatureScaling ? run.calibrationAfterTemperatureScaling : run.calibration)?
            .expectedIfCalibrated
        }
        table.append([
          .text(row.measure.title), .text(row.afterTemperatureScaling ? "scaled" : "as trained"), .text(one.arm),
          .number(row.baseline, 4), .number(row.arm, 4), .change(row.difference, 4), .interval(row.tInterval, 4),
          .pValue(row.pValue), .pValue(row.adjustedPValue), .number(expected.isEmpty ? nil : expected.mean, 4),
        ])
      }
    }
    return table
  }

  /// What each arm costs beside the baseline.
  public var costTable: ReportTable {
    var table = ReportTable(
      "cost",
      caption:
        "Training time of an epoch in seconds, the first one left out, and the most main memory in megabytes; ratios are "
        + "arm ÷ baseline with the 95 % t interval of their logarithms over runs. Runs were trained beside and after each "
        + "other as they came, not in turns step by step, so whatever else the machine did is in their times.",
      columns: [
        .init("arm", "arm"), .init("baseline s", "baseline_seconds"), .init("arm's s", "arm_seconds"),
        .init("baseline images/s", "baseline_images_per_second"), .init("arm's images/s", "arm_images_per_second"),
        .init("ratio", "ratio"), .init("t", "ratio", intervals: true),
        .init("baseline MB", "baseline_megabytes"), .init("arm's MB", "arm_megabytes"),
        .init("ratio", "memory_ratio"), .init("t", "memory_ratio", intervals: true),
      ])
    for one in comparisons {
      guard let cost = one.cost else { continue }
      table.append([
        .text(one.arm), .number(cost.baseline.secondsPerEpoch, 2), .number(cost.arm.secondsPerEpoch, 2),
        .number(cost.baseline.imagesPerSecond, 0), .number(cost.arm.imagesPerSecond, 0), .number(cost.ratio, 3),
        .interval(cost.interval, 3),
        .number(cost.baseline.peakMemory.map { $0 / 1e6 }, 0), .number(cost.arm.peakMemory.map { $0 / 1e6 }, 0),
        .number(cost.memoryRatio, 3), .interval(cost.memoryInterval, 3),
      ])
    }
    return table
  }

  /// Pairs of runs, image by image.
  public var pairsTable: ReportTable {
    var table = ReportTable(
      "pairs",
      caption:
        "Images on which exactly one run of a pair is right, with the exact McNemar test. It speaks of two networks, "
        + "not of two methods.",
      columns: [
        .init("arm", "arm"), .init("seed", "seed"), .init("both right", "both_right"),
        .init("both wrong", "both_wrong"),
        .init("right → wrong", "right_to_wrong"), .init("wrong → right", "wrong_to_right"), .init("p", "p"),
      ])
    for one in comparisons {
      for pair in one.pairs {
        let seed = pair.seed == pair.baselineSeed ? "\(pair.seed)" : "\(pair.baselineSeed) → \(pair.seed)"
        table.append([
          .text(one.arm), .text(seed), .count(pair.bothRight), .count(pair.bothWrong), .count(pair.rightToWrong.count),
          .count(pair.wrongToRight.count), .pValue(pair.pValue),
        ])
      }
    }
    return table
  }

  /// The ten confusions of each comparison that changed most.
  public var confusionsTable: ReportTable {
    var table = ReportTable(
      "confusions",
      caption: "Confusions that changed most: images of a class taken for another one, mean over runs, arm − baseline.",
      columns: [
        .init("class", "class"), .init("taken for", "prediction"), .init("arm", "arm"),
        .init("difference", "difference"),
      ])
    for one in comparisons {
      let cells = classNames.indices.flatMap { row in
        classNames.indices.map { (row, $0, one.confusionDifference[row][$0]) }
      }.filter { $0.0 != $0.1 && $0.2 != 0 }
      for (row, column, difference) in cells.sorted(by: {
        (abs($1.2), $0.0, $0.1) < (abs($0.2), $1.0, $1.1)
      }).prefix(10) {
        table.append([.text(classNames[row]), .text(classNames[column]), .text(one.arm), .change(difference, 1)])
      }
    }
    return table
  }

  /// All tables that people read.
  public var tables: [ReportTable] {
    [
      armsTable, settingsTable, differencesTable, testsTable, classesTable, confusionsTable, calibrationTable,
      pairsTable, costTable,
    ]
  }

  /// Runs one by one, as tidy rows.
  private var runsTable: CSVTable {
    var table = CSVTable(header: [
      "arm", "seed", "path", "error", "temperature_first", "temperature_second", "temperature", "nll", "brier",
      "ece_equal_width", "ece_equal_mass", "ece_classwise",
    ])
    for arm in arms {
      for run in arm.runs {
        for (name, c) in [("as trained", run.calibration), ("scaled", run.calibrationAfterTemperatureScaling)] {
          table.append([
            arm.name, run.seed, run.path, run.error, run.temperatures[0], run.temperatures[1], name,
            c.negativeLogLikelihood, c.brier, c.equalWidth.value, c.equalMass.value, c.classwise.value,
          ])
        }
      }
    }
    return table
  }

  /// Every cell of the confusion matrices.
  private var confusionTable: CSVTable {
    var table = CSVTable(header: ["arm", "class", "prediction", "difference"])
    for one in comparisons {
      for (row, label) in classNames.enumerated() {
        for (column, prediction) in classNames.enumerated() {
          table.append([one.arm, label, prediction, one.confusionDifference[row][column]])
        }
      }
    }
    return table
  }

  /// Every image that changed sides, pair by pair.
  private var flipsTable: CSVTable {
    var table = CSVTable(header: [
      "arm", "seed", "direction", "image", "class", "baseline_prediction", "baseline_confidence", "arm_prediction",
      "arm_confidence",
    ])
    for one in comparisons {
      for pair in one.pairs {
        for (direction, flips) in [("right to wrong", pair.rightToWrong), ("wrong to right", pair.wrongToRight)] {
          for flip in flips {
            table.append([
              one.arm, pair.seed, direction, flip.image, classNames[flip.label], classNames[flip.baselinePrediction],
              flip.baselineConfidence, classNames[flip.armPrediction], flip.armConfidence,
            ])
          }
        }
      }
    }
    return table
  }

  /// Writes `comparison.json`; each table as CSV, Markdown and LaTeX; and as CSV alone `runs`, `confusion` and `flips`,
  /// the images that changed sides.
  /// - Returns: the files.
  @discardableResult
  public func write(to folder: URL) throws(FileError) -> [URL] {
    let json = folder.appendingPathComponent("comparison.json")
    try JSONFile.write(self, to: json)
    var files = [json]
    for table in tables { files += try table.write(to: folder) }
    for (name, table) in [("runs", runsTable), ("confusion", confusionTable), ("flips", flipsTable)] {
      let file = folder.appendingPathComponent("\(name).csv")
      try table.write(to: file)
      files.append(file)
    }
    return files
  }

  private func runs(_ error: SeedComparison) -> String {
    error.isPaired
      ? "\(error.arm.count) pair\(error.arm.count == 1 ? "" : "s")" : "\(error.baseline.count), \(error.arm.count)"
  }
}

extension ArmComparison.CalibrationMeasure {
  fileprivate func binned(_ calibration: Calibration) -> Calibration.BinnedError? {
    switch self {
    case .negativeLogLikelihood, .brier: nil
    case .equalWidthECE: calibration.equalWidth
    case .equalMassECE: calibration.equalMass
    case .classwiseECE: calibration.classwise
    }
  }
}

extension ReportTable {
  /// Writes `<name>.csv`, `<name>.md` and `<name>.tex`.
  func write(to folder: URL) throws(FileError) -> [URL] {
    let files = ["csv", "md", "tex"].map { folder.appendingPathComponent("\(name).\($0)") }
    for (file, text) in zip(files, [csv.text, markdown, latex]) { try WholeFile.write(text, to: file) }
    return files
  }
}

extension SummaryComparison {
  /// Every cell with its test.
  public var table: ReportTable {
    var table = ReportTable(
      "summary",
      caption: "Welch's test of published means, cell by cell; difference is arm − baseline, negative is better, its "
        + "interval 95 %. \(significant) of \(cells.count) cells differ at 5 %, \(significantAfterHolm) after Holm over "
        + "the cells.",
      columns: [
        .init("setting", "setting"), .init("baseline", "baseline_mean"), .init("±", "baseline_deviation"),
        .init("runs", "baseline_runs"), .init("arm", "arm_mean"), .init("±", "arm_deviation"),
        .init("runs", "arm_runs"),
        .init("difference", "difference"), .init("interval", "interval", intervals: true), .init("p", "p"),
        .init("Holm", "holm"), .init("verdict", "verdict"),
      ])
    for cell in cells {
      table.append([
        .text(cell.name), .number(cell.baseline.mean, 2), .number(cell.baseline.deviation, 2),
        .count(cell.baseline.count), .number(cell.arm.mean, 2), .number(cell.arm.deviation, 2), .count(cell.arm.count),
        .change(cell.difference, 2), .interval(cell.interval, 2), .pValue(cell.pValue), .pValue(cell.adjustedPValue),
        .text(cell.verdict.rawValue),
      ])
    }
    return table
  }

  /// Writes `summary.json`, `.csv`, `.md` and `.tex`.
  /// - Returns: the files.
  @discardableResult
  public func write(to folder: URL) throws(FileError) -> [URL] {
    let json = folder.appendingPathComponent("summary.json")
    try JSONFile.write(self, to: json)
    return try [json] + table.write(to: folder)
  }
}
