//  A comparison as pictures and as one page: what figures draw of a report, and the page around them.

import Comparison
import Figures
import Foundation
import Images
import Results
import Storage

/// The figures of a comparison, and the page that shows them with its tables.
struct ComparisonFigures {
  let report: ComparisonReport
  /// The test images; nil where their files are not here, and then no image is shown.
  let images: ImageSource?

  private var setting: String {
    "\(report.study.map { "\($0.name): " } ?? "")\(report.dataset), \(report.testImages) test images, "
      + "\(report.epochs) epochs"
  }

  private static func estimate(_ value: Double, _ interval: Interval?) -> Estimate {
    Estimate(value, from: interval?.lower ?? .nan, to: interval?.upper ?? .nan)
  }

  var paired: Figure {
    PairedRunsFigure(
      report.comparisons.map { one in
        let error = one.error
        return .init(
          arm: one.arm, baseline: one.baseline, baselineErrors: error.baseline, armErrors: error.arm,
          isPaired: error.isPaired, verdict: one.verdict.word.rawValue,
          difference: (error.signFlipInterval ?? error.tInterval).map { Self.estimate(error.difference, $0) })
      }, setting: setting
    ).figure()
  }

  /// Class by class, a figure a comparison.
  var classes: [Figure] {
    report.comparisons.map { one in
      ForestFigure(
        one.classes.map {
          .init(
            name: $0.name, difference: Self.estimate($0.difference, $0.crossedInterval),
            standsOut: $0.adjustedPValue <= Verdict.level)
        }, arm: one.arm, baseline: one.baseline
      ).figure()
    }
  }

  /// The first run of each arm.
  var reliability: Figure {
    ReliabilityFigure(
      report.arms.compactMap { arm in
        arm.runs.first.map { run in
          .init(
            run: "\(arm.name), seed \(run.seed)",
            bins: run.calibration.reliability.map {
              .init(
                lower: $0.lower, upper: $0.upper, count: $0.count, confidence: $0.confidence,
                accuracy: Self.estimate($0.accuracy, $0.accuracyInterval))
            }, error: run.calibration.equalWidth.value, expectedError: run.calibration.equalWidth.expectedIfCalibrated)
        }
      }, setting: setting
    ).figure()
  }

  /// By λ₀ and by the form of the covariances, for each baseline where arms differ from it in nothing else that is ISDA's.
  var sensitivity: [Figure] {
    let settings = [("lambda", "λ₀", "lambda-sensitivity"), ("covariance", "covariance", "covariance-ablation")]
    let baselines = report.arms.filter { arm in report.comparisons.contains { $0.baseline == arm.name } }
    return baselines.flatMap { baseline in
      settings.compactMap { key, title, name in
        let arms = report.comparisons.filter { $0.baseline == baseline.name }.compactMap { one in
          one.settings.first { $0.setting == key }.map { (arm: one.arm, value: $0.arm, others: others(one, than: key)) }
        }
        // Only arms that are alike but for this setting make a curve.
        guard let first = arms.first else { return nil }
        let alike = arms.filter { $0.others == first.others }
        guard Set(alike.map(\.value)).count > 1 else { return nil }
        let sorted = alike.sorted { (Double($0.value) ?? 0, $0.value) < (Double($1.value) ?? 0, $1.value) }
        let columns =
          [column(baseline, label: baseline.name)]
          + sorted.compactMap { one in
            report.arms.first { $0.name == one.arm }.map { column($0, label: "\(title) \(one.value)") }
          }
        return SensitivityFigure(title, columns: columns, setting: setting).figure(
          prefix: baselines.count > 1 ? baseline.name : "", name: name)
      }
    }
  }

  private func others(_ one: ArmComparison, than key: String) -> [String] {
    one.settings.filter { $0.setting != key }.map { "\($0.setting)=\($0.arm)" }
  }

  private func column(_ arm: ComparisonReport.ArmSummary, label: String) -> SensitivityFigure.Column {
    .init(label: label, errors: arm.runs.map(\.error), mean: Self.estimate(arm.mean, arm.tInterval))
  }

  /// The first pair of runs of each comparison.
  var flips: [Figure] {
    guard let images else { return [] }
    return report.comparisons.compactMap { one in
      one.pairs.first.map { pair in
        func flips(_ flips: [PairComparison.Flip]) -> [FlipFigure.Flip] {
          flips.map {
            .init(
              image: $0.image, label: $0.label, baselinePrediction: $0.baselinePrediction,
              armPrediction: $0.armPrediction, confidence: $0.armConfidence)
          }
        }
        return FlipFigure(
          rightToWrong: flips(pair.rightToWrong), wrongToRight: flips(pair.wrongToRight),
          classNames: report.classNames,
          pair: "\(one.baseline), seed \(pair.baselineSeed) → \(one.arm), seed \(pair.seed)",
          images: images
        ).figure(prefix: report.comparisons.count > 1 ? one.arm : "")
      }
    }
  }

  /// Writes every figure in all its forms, and `report.html`.
  /// - Returns: the PNG files, and last the page.
  func write(to folder: URL, provenance: Provenance) throws -> [URL] {
    var written: [URL] = []
    func draw(_ figures: [Figure]) throws -> [Figure] {
      for figure in figures {
        try StopSignal.throwIfRequested()
        written.append(
          try figure.write(to: folder.appendingPathComponent("figures", isDirectory: true), provenance: provenance)[0])
      }
      return figures
    }
    func table(_ table: ReportTable) -> ReportPage.Table { .init(caption: table.caption, rows: table.readable) }
    let page = ReportPage(
      title: report.study.map { "\($0.name): did it help?" } ?? "Did it help?", facts: facts,
      findings: report.comparisons.map {
        .init(word: $0.verdict.word.rawValue, title: "\($0.arm) beside \($0.baseline)", sentence: $0.verdict.sentence)
      },
      sections: [
        .init(
          title: "Runs and arms", tables: [table(report.armsTable), table(report.settingsTable)],
          figures: try draw([paired] + sensitivity)),
        .init(
          title: "Differences and tests", tables: [table(report.differencesTable), table(report.testsTable)],
          figures: []),
        .init(
          title: "Classes", tables: [table(report.classesTable), table(report.confusionsTable)],
          figures: try draw(classes)),
        .init(title: "Calibration", tables: [table(report.calibrationTable)], figures: try draw([reliability])),
        .init(title: "Images", tables: [table(report.pairsTable)], figures: try draw(flips)),
        .init(title: "Cost", tables: [table(report.costTable)], figures: []),
      ].filter { section in !section.figures.isEmpty || section.tables.contains { $0.rows.count > 1 } },
      notes: report.notes, provenance: provenance)
    let file = folder.appendingPathComponent("report.html")
    try WholeFile.write(page.html, to: file)
    return written + [file]
  }

  private var facts: [String] {
    var facts = [setting]
    if let study = report.study {
      let analysis = study.analysis
      facts.append(
        "Frozen before the first run: \(analysis.metric.rawValue), epochs \(analysis.epochs.rawValue), "
          + "\(analysis.test.rawValue) test, ±\(analysis.tolerance) points is too small to matter; recipe "
          + "\(study.recipe.prefix(12))")
      facts.append("\(study.seedsFinished) of \(study.seeds) seeds finished")
    }
    return facts
  }
}
