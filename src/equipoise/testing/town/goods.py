"""What the shop sells: things for the house, in five categories."""

from typing import Any

import msgspec

from equipoise.testing.town.chance import Draws


class Product(msgspec.Struct, frozen=True):
    """One product with its price in euros."""

    id: str
    name: str
    category: str
    price: float

    def facts(self, quantity: int = 1) -> dict[str, Any]:
        """The product as the tracking wire writes it."""
        return {
            "product_id": self.id,
            "name": self.name,
            "category": self.category,
            "price": self.price,
            "quantity": quantity,
        }


_SHELVES = {
    "kitchen": [("casserole", 89.0), ("paring knife", 12.5), ("teapot", 34.0), ("sieve", 9.9),
                ("olive bowl", 14.0), ("copper pan", 119.0)],
    "linen": [("tea towel", 8.5), ("tablecloth", 39.0), ("bath sheet", 27.0), ("cushion", 22.0),
              ("summer blanket", 59.0)],
    "garden": [("watering can", 24.0), ("olive tree", 45.0), ("herb pot", 11.0), ("secateurs", 29.9),
               ("folding chair", 35.0)],
    "light": [("reading lamp", 64.0), ("candle", 9.0), ("paper lantern", 15.0), ("wall lamp", 79.0)],
    "books": [("recipes of the south", 24.9), ("walks on the Lez", 12.0), ("old photographs", 32.0),
              ("notebook", 7.5)],
}  # fmt: skip

PRODUCTS = tuple(
    Product(f"{category[:2]}{n:02d}", name, category, price)
    for category, shelf in _SHELVES.items()
    for n, (name, price) in enumerate(shelf, 1)
)
"""Everything on the shelves."""


def look_at(draws: Draws, what: str, liking: str) -> Product:
    """A product that catches the eye: every other time one of the category that is liked."""
    liked = [product for product in PRODUCTS if product.category == liking]
    things = liked if draws.happens(f"{what}/liked", 0.5) else PRODUCTS
    return draws.pick(f"{what}/product", things)


def total(basket: list[Product]) -> float:
    """What a basket costs, in euros with two decimals."""
    return round(sum(product.price for product in basket), 2)
