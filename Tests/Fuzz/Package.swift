// swift-tools-version: 6.1
//
// One program that gives made-up bytes to the readers of files. A package of its own, so that neither users nor tests
// build it; `make fuzz` does, with coverage and checks of addresses in the code under it too.

import PackageDescription

let package = Package(
  name: "isda-fuzz",
  dependencies: [.package(name: "isda", path: "../..")],
  targets: [
    .executableTarget(
      name: "isda-fuzz",
      dependencies: [
        .product(name: "SemanticDirections", package: "isda"), .product(name: "SemanticFigures", package: "isda"),
      ],
      path: "Sources/Fuzz")
  ],
  swiftLanguageModes: [.v6]
)
