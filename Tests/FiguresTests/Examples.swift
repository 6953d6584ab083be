//  A small made-up world for figures: ten classes of procedurally drawn images, two runs, and results that
//  look like real ones. Everything follows from fixed seeds.

import Canvas
import Foundation
import Randomness
import Raster
import Results

@testable import Figures

/// The same examples in every process.
struct Noise {
  private var generator: SplitMix64

  init(_ seed: UInt64) { generator = SplitMix64(seed: seed) }

  mutating func uniform() -> Double { generator.unit() }
  mutating func below(_ bound: Int) -> Int { Int(generator.next() % UInt64(bound)) }
  mutating func normal() -> Double {
    (-2 * log(max(uniform(), 1e-12))).squareRoot() * cos(2 * .pi * uniform())
  }
}

enum Examples {
  static let classNames = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]
  static let run = "ISDA λ₀=0.5, seed 0 · resnet20 on portraits"

  /// A scene of `side × side` pixels: sky and ground with a shape; its look follows from the row.
  static func image(_ reference: ImageReference, side: Int = 32) -> Image {
    var noise = Noise(UInt64(reference.row + 1) &* 7919 &+ (reference.split == .test ? 1 : 0))
    let label = reference.row % 10
    let unit = Double(side) / 32
    return Image.drawn(width: side, height: side, scale: unit) { canvas in
      let hue = noise.uniform()
      let sky = Color(hue: hue, saturation: 0.35, lightness: 0.55 + 0.35 * noise.uniform())
      canvas.paint(sky)
      canvas.rectangle(Rectangle(x: 0, y: 18 + 8 * noise.uniform(), width: 32, height: 20))
      canvas.fill(sky.mixed(with: .black, 0.2 + 0.3 * noise.uniform()))
      let color = Color(hue: noise.uniform(), saturation: 0.6, lightness: 0.3 + 0.4 * noise.uniform())
      let (x, y, r) = (12 + 8 * noise.uniform(), 12 + 8 * noise.uniform(), 5 + 5 * noise.uniform())
      switch label % 3 {
      case 0: canvas.circle(x, y, radius: r)
      case 1: canvas.rectangle(Rectangle(x: x - r, y: y - r * 0.7, width: 2 * r, height: 1.4 * r))
      default: canvas.polygon([Point(x, y - r), Point(x + r, y + r), Point(x - r, y + r)])
      }
      canvas.fill(color, keepingPath: true)
      canvas.stroke(color.mixed(with: .black, 0.5), width: 1)
    }
  }

  static func records(seed: UInt64, final: Double, epochs: Int = 60) -> [EpochRecord] {
    var noise = Noise(seed)
    return (0..<epochs).map { index in
      let epoch = index + 1
      let progress = Double(epoch) / 60
      let decay = exp(-6 * progress)
      let test = final + 55 * decay + (1 - progress) * 5 * abs(noise.normal())
      let train = max(final * 0.25 + 60 * decay + noise.normal() * 0.3, 0.2)
      return EpochRecord(
        epoch: epoch, learningRate: 0.1, lambda: 0.5 * progress, trainLoss: train / 32 + 0.02,
        trainError: train, testLoss: test / 28, testError: test, seconds: 12, imagesPerSecond: 800)
    }
  }

  static var curves: TrainingCurves {
    TrainingCurves([
      .init(
        RunConfiguration(images: DatasetChoice(name: "portraits"), network: "resnet20", loss: .ce, epochs: 60),
        records: records(seed: 1, final: 8.4)),
      .init(
        RunConfiguration(images: DatasetChoice(name: "portraits"), network: "resnet20", loss: .isda, epochs: 60),
        records: records(seed: 2, final: 7.3)),
    ])
  }

  static func spectra(classes: Int = 10, dimension: Int = 64) -> [Spectrum] {
    (0..<classes).map { index in
      var noise = Noise(UInt64(index) + 40)
      let slope = 0.8 + 0.9 * noise.uniform()
      let values = (1...dimension).map { k in
        3 * pow(Double(k), -slope) * exp(-Double(k) / 25) * (1 + 0.05 * noise.uniform())
      }.sorted(by: >)
      return Spectrum(
        classIndex: index, count: 5000, eigenvalues: values, heldOutVariances: values.map { $0 * 1.1 })
    }
  }

  static func names(_ count: Int) -> [String] {
    count == 10 ? classNames : (0..<count).map { "class number \($0)" }
  }

  static func walk(classIndex: Int = 3, directions: Int = 5, query: WalkQuery = .axis, seed: UInt64 = 9) -> Walk {
    var noise = Noise(UInt64(classIndex) + seed)
    func reference() -> ImageReference { ImageReference(.test, noise.below(400) * 10 + classIndex) }
    let anchor = ImageReference(.test, 1230 + classIndex)
    func row(_ kind: Walk.Kind, share: Double?) -> Walk.Row {
      let cells = (-3...3).map { step in
        let chance = noise.uniform()
        let other = noise.below(10)
        let isAnchor = step == 0
        return Walk.Cell(
          step: Double(step), image: isAnchor ? anchor : reference(),
          label: isAnchor || chance > 0.08 ? classIndex : other,
          predicted: isAnchor || chance > 0.16 ? classIndex : other,
          achievedStep: isAnchor ? 0 : Double(step) * 0.75 + 0.2 * noise.normal(),
          offAxis: isAnchor ? 0 : 3 + abs(noise.normal()))
      }
      return Walk.Row(
        kind: kind, share: share, heldOutShare: share.map { $0 * 0.93 }, sigma: (share ?? 0.4).squareRoot() * 3,
        cells: cells, kendallTau: kind == .images ? -0.14 : 0.9)
    }
    let rows = (1...max(directions, 1)).prefix(directions).map { row(.principal($0), share: 0.42 / Double($0 * $0)) }
    let controls = [
      row(.random, share: 0.0043), row(.otherClass((classIndex + 2) % 10), share: 0.031), row(.images, share: nil),
    ]
    return Walk(classIndex: classIndex, query: query, anchor: anchor, rows: rows + controls, distinctShare: 0.7)
  }

  static func walks(arrangement: WalkGrid.Arrangement = .rows, beside: Bool = false) -> WalkGrid {
    let other = WalkGrid.Panel(walk(seed: 31), run: "cross-entropy, seed 0 · resnet20 on portraits")
    return WalkGrid(
      [.init(walk(), run: run)] + (beside ? [other] : []), classNames: classNames, arrangement: arrangement
    ) { image($0) }
  }

  static func slabs(classIndex: Int = 3) -> Slabs {
    var noise = Noise(12)
    return Slabs(
      classIndex: classIndex,
      rows: (1...5).map { direction in
        .init(
          direction: direction, share: 0.4 / Double(direction), sigma: 1.2 / Double(direction),
          slabs: (-3...3).map { step in
            let count = [0, 2, 9, 14][3 - abs(step)]
            return .init(step: Double(step), rows: (0..<count).map { _ in noise.below(400) * 10 + classIndex })
          })
      })
  }

  /// Two rows, of which the second shows mixed images.
  static var augmentation: AugmentationSheet {
    let originals = (0..<6).map { column in
      AugmentationSheet.Original(image: image(ImageReference(.train, 11 * column)), row: 11 * column, label: column)
    }
    func row(_ name: String, share: Double?) -> AugmentationSheet.Row {
      AugmentationSheet.Row(
        name: name,
        cells: originals.indices.map { column in
          let partner = (column + 2) % 6
          return AugmentationSheet.Cell(
            image: image(ImageReference(.test, 11 * (share == nil ? column : partner))),
            partner: share.map { (partner, $0) })
        })
    }
    return AugmentationSheet(
      originals: originals, rows: [row("autoaugment:cifar10", share: nil), row("mixup:1:1", share: 0.37)],
      classNames: classNames, setting: "portraits, every part by itself, seed 0")
  }

  static func extremes(classIndex: Int = 1, directions: Int = 5, entries: Int = 7) -> Extremes {
    var noise = Noise(UInt64(classIndex) + 77)
    func side(_ sign: Double) -> [Extremes.Entry] {
      (0..<entries).map { place in
        .init(
          image: .init(.test, noise.below(400) * 10 + classIndex),
          predicted: noise.uniform() < 0.1 ? 1 + noise.below(9) : classIndex,
          projection: sign * (3.1 - Double(place) * 0.12))
      }
    }
    return Extremes(
      classIndex: classIndex,
      rows: (1...directions).map {
        .init(direction: $0, share: 0.4 / Double($0), lowest: side(-1), highest: side(1))
      })
  }

  static func map(count: Int, spread: Double, seed: UInt64 = 5) -> FeatureMap {
    var noise = Noise(seed)
    let entries = (0..<count).map { row in
      let label = row % 10
      let angle = Double(label) / 10 * 2 * .pi
      let radius = label.isMultiple(of: 2) ? 6.0 : 3.2
      return FeatureMap.Entry(
        image: .init(.test, row), label: label, predicted: label, x: radius * cos(angle) + spread * noise.normal(),
        y: 0.8 * radius * sin(angle) + spread * noise.normal())
    }
    return FeatureMap(entries: entries, shares: [0.213, 0.164])
  }

  static func neighbours(count: Int = 1500) -> FeatureMapFigure {
    let map = map(count: count, spread: 0.6, seed: 8)
    return FeatureMapFigure(
      [
        .init(
          title: "ISDA λ₀=0.5",
          map: NeighbourMap(entries: map.entries, perplexity: 30, iterations: 750, divergence: 1.34))
      ],
      classNames: classNames, setting: "resnet20 on portraits, seed 0"
    ) { image($0) }
  }

  static func similarity(runs: Int = 4) -> RunSimilarity {
    var noise = Noise(21)
    let titles = (0..<runs).map {
      RunSimilarity.Run(name: "run\($0)", arm: $0 < 2 ? "cross-entropy" : "ISDA λ₀=0.5", seed: UInt64($0 % 2))
    }
    func score(_ value: Double, _ null: Double) -> RunSimilarity.Score {
      .init(value: value + 0.03 * noise.normal(), permuted: (0..<20).map { _ in null + 0.01 * noise.normal() })
    }
    var pairs: [RunSimilarity.Pair] = []
    for first in 0..<runs {
      for second in first + 1..<max(runs, first + 1) {
        pairs.append(
          .init(
            first: first, second: second, differsInSeedOnly: titles[first].arm == titles[second].arm,
            cka: score(0.85, 0), cca: score(0.6, 0.12)))
      }
    }
    let matches = runs > 1 ? [RunSimilarity.Match(second: runs - 1, classes: classMatches())] : []
    return RunSimilarity(classNames: classNames, runs: titles, pairs: pairs, matches: matches)
  }

  static func classMatches(classes: Int = 10, directions: Int = 16) -> [RunSimilarity.ClassMatch] {
    (0..<classes).map { index in
      var noise = Noise(UInt64(index) + 300)
      var partners = Array(0..<directions)
      for k in stride(from: 0, to: directions - 1, by: 3) { partners.swapAt(k, k + 1) }
      let correlations = (0..<directions).map { k in
        (0..<directions).map { l -> Double in
          partners[k] == l
            ? (noise.uniform() < 0.5 ? -1 : 1) * max(0.95 - 0.07 * Double(k), 0.05) : 0.08 * noise.normal()
        }
      }
      func variances() -> [Double] { (0..<directions).map { 2 * pow(0.7, Double($0)) * (0.7 + 0.6 * noise.uniform()) } }
      return .init(
        classIndex: index, count: 200, correlations: correlations, partners: partners, chanceLevel: 0.21,
        firstVariances: variances(), secondVariances: variances(), firstTotal: 8, secondTotal: 5 + Double(index % 3))
    }
  }

  static var matched: MatchedDirections {
    MatchedDirections(
      .init(second: 1, classes: classMatches()), first: "cross-entropy, seed 0", second: "ISDA λ₀=0.5, seed 0",
      classNames: classNames, setting: "resnet20 on portraits")
  }

  static func maps(count: Int = 4000) -> FeatureMapFigure {
    FeatureMapFigure(
      [
        .init(title: "cross-entropy", map: map(count: count, spread: 1)),
        .init(title: "ISDA λ₀=0.5", map: map(count: count, spread: 0.7, seed: 6)),
      ], classNames: classNames, setting: "resnet20 on portraits, seed 0"
    ) { image($0) }
  }

  static func factors(classes: Int = 8) -> FactorCorrelations {
    let names = [
      "yaw", "pitch", "light_direction", "light_warmth", "skin_tone", "hair_hue", "hair_length", "mouth_open",
      "background_hue", "background_lightness", "scale", "blur",
    ]
    var noise = Noise(3)
    return FactorCorrelations(
      factorNames: names,
      classes: (0..<classes).map { index in
        let values = (0..<5).map { direction in
          names.indices.map { factor -> Double? in
            if index == 2 && factor == 7 { return nil }
            let strong = noise.uniform() < 0.14
            guard strong else { return 0.07 * noise.normal() }
            let value = (noise.uniform() < 0.5 ? -1 : 1) * (0.9 - Double(direction) * 0.1) + 0.1 * noise.normal()
            return max(-0.97, min(0.97, value))
          }
        }
        func moved(_ way: Double) -> [[Double?]] {
          values.map { $0.map { $0.map { $0 + way * 0.09 * (1 - $0 * $0) } } }
        }
        return .init(
          classIndex: index, count: 500, values: values, lower: moved(-1), upper: moved(1),
          chanceLevel: 0.138 + 0.004 * Double(index % 4))
      })
  }

  static func attributes(count: Int = 17) -> AttributeMeasures {
    var noise = Noise(11)
    func around(_ value: Double, _ width: Double, chance: Double? = nil) -> AttributeMeasures.Score {
      .init(value, lower: value - width * noise.uniform(), upper: value + width * noise.uniform(), chance: chance)
    }
    let names = ["sunglasses", "hat", "sky", "forest", "room", "night", "scene_hue", "tilt", "size", "x", "y", "smile"]
    let attributes = (0..<count).map { index -> AttributeMeasures.Attribute in
      let isBinary = index % 12 < 6
      let (base, span) = isBinary ? (0.5, 0.5) : (0, 1)
      let strength = noise.uniform()
      return AttributeMeasures.Attribute(
        name: names[index % 12] + (index < 12 ? "" : " \(index / 12)"), kind: isBinary ? .binary : .continuous,
        probe: index == 5
          ? nil
          : .init(
            linear: around(base + span * strength, 0.04), control: around(base + span * 0.1 * noise.uniform(), 0.05),
            selectivity: around(span * strength, 0.05), neighbours: around(base + span * strength * 0.9, 0.04),
            linearityGap: around(-0.1, 0.03), penalty: 0.01, neighbourCount: 10),
        consistency: index % 7 == 5
          ? nil
          : .init(
            classes: 10, parallelism: around(strength * 0.9 - 0.05, 0.1, chance: 0.06), sharedShift: around(0.4, 0.1),
            sharedShiftBeyondNoise: 0.5, interactionShare: around(0.2, 0.1), varianceShare: 0.1),
        generalization: index % 7 == 5
          ? nil
          : .init(
            within: around(base + span * strength, 0.04),
            across: around(base + span * (strength * 0.8 - 0.1 * noise.uniform()), 0.05, chance: base + 0.04)),
        analogy: nil)
    }
    return AttributeMeasures(
      classNames: classNames, fittedTo: "training images", fittedImages: 2000, images: 2000, attributes: attributes,
      cosines: attributes.map { _ in attributes.map { _ in nil } }, factorization: nil, disentanglement: [])
  }

  /// Classes of falling eigenvalues; those above a floor stand out, and tell each other apart less and less.
  static func significance(classes: Int = 10, directions: Int = 20, dimension: Int = 64) -> DirectionSignificance {
    DirectionSignificance(
      level: 0.02, draws: 49, resamples: 400, splits: 20,
      classes: (0..<classes).map { index in
        var noise = Noise(UInt64(index) + 400)
        let slope = 1 + 0.8 * noise.uniform()
        let floor = 0.03 + 0.1 * noise.uniform()
        let values = (1...max(directions, 1)).prefix(directions).map { 2 * pow(Double($0), -slope) + 0.02 }
        let significant = values.prefix { $0 > floor }.count
        return DirectionSignificance.Class(
          classIndex: index, name: names(classes)[index], count: 500, featureCount: dimension, totalVariance: 6,
          marchenkoPasturEdge: floor * 0.9, chanceCosine: 0.1,
          directions: values.enumerated().map { k, value in
            let cosine = max(0.12, (1 - Double(k) / Double(significant + 4)) * (0.94 + 0.06 * noise.uniform()))
            let (first, last) = k < 4 ? (k + 1, k + 1) : k < 8 ? (5, 8) : (9, directions)
            return .init(
              eigenvalue: value, eigenvalueInterval: .init(value * 0.9, value / 0.9), share: value / 6,
              shareInterval: .init(value / 6.6, value / 5.4), noiseLevel: floor * (k < 3 ? 1.8 : 1),
              noiseMedian: floor * (k < 3 ? 1.5 : 0.8), pValue: k <= significant ? 0.02 : nil,
              standsOut: k < significant, excessKurtosis: 0.1, cosine: cosine,
              cosineRange: .init(cosine * 0.8, min(1, cosine * 1.1)), firstOfGroup: first,
              lastOfGroup: min(last, directions),
              overlap: min(1, cosine * 1.1), visibleShare: 0.5)
          })
      })
  }

  /// Every figure once, as a paper would have it.
  static func figures() -> [Figure] {
    [
      curves.figure(), SpectrumFigure(spectra(), classNames: classNames, run: run).figure(),
      walks().figure(), walks(arrangement: .columns).figure(prefix: "columns"), walks(beside: true).figure(),
      SlabFigure(slabs(), classNames: classNames, run: run) { image($0) }.figure(),
      ExtremesFigure(extremes(), classNames: classNames, run: run) { image($0) }.figure(),
      AttributesFigure(attributes(), run: run).figure(),
      maps().figure(), neighbours(count: 4000).figure(),
      FactorHeatMap(factors(), classNames: classNames, run: run).figure(),
      SimilarityFigure(similarity(), setting: "resnet20 on portraits").figure(), matched.figure(),
      BoundFigure(bound(), trainedAt: 0.5, run: run).figure(), MarginFigure(margins(), run: run).figure(),
      PreservationFigure(preservation(), split: .test, run: run).figure(), collapse().figure(),
      ScreeFigure(significance(), run: run).figure(), StabilityFigure(significance(), run: run).figure(),
      pairedRuns().figure(), forest().figure(), reliability().figure(), sensitivity().figure(name: "lambda"),
      flips().figure(),
      augmentation.figure(),
    ]
  }

  static let provenance = Provenance(software: "isda 0", command: "isda figures runs/a & <b>", data: "sha256:0123")
}
